"""Rows of the eight tables and changes of them, from a seed. Small, and dense where the queries look: each of them answers rows."""
import datetime

REGIONS = ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST']
NATIONS = [('ALGERIA', 0), ('ARGENTINA', 1), ('BRAZIL', 1), ('CANADA', 1), ('EGYPT', 4), ('ETHIOPIA', 0), ('FRANCE', 3), ('GERMANY', 3), ('INDIA', 2), ('INDONESIA', 2),
           ('IRAN', 4), ('IRAQ', 4), ('JAPAN', 2), ('JORDAN', 4), ('KENYA', 0), ('MOROCCO', 0), ('MOZAMBIQUE', 0), ('PERU', 1), ('CHINA', 2), ('ROMANIA', 3),
           ('SAUDI ARABIA', 4), ('VIETNAM', 2), ('RUSSIA', 3), ('UNITED KINGDOM', 3), ('UNITED STATES', 1)]
COLOURS = ['forest', 'green', 'frosted', 'azure', 'salmon']
TYPES = [f'{a} {b} {c}' for a in ('PROMO', 'ECONOMY', 'MEDIUM') for b in ('POLISHED', 'PLATED') for c in ('BRASS', 'STEEL')]
BRANDS = ['Brand#12', 'Brand#23', 'Brand#34', 'Brand#45']
CONTAINERS = ['SM CASE', 'SM BOX', 'MED BAG', 'MED BOX', 'LG CASE', 'LG PKG']
SIZES = [1, 3, 9, 14, 19, 23, 36, 45, 49]
SEGMENTS = ['BUILDING', 'AUTOMOBILE', 'MACHINERY']
PRIORITIES = ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW']
MODES = ['MAIL', 'SHIP', 'AIR', 'REG AIR', 'TRUCK']
INSTRUCTIONS = ['DELIVER IN PERSON', 'COLLECT COD', 'NONE']
FIRST_DAY = datetime.date(1993, 1, 1)
DAYS = 1600
ORDER = ('region', 'nation', 'supplier', 'part', 'partsupp', 'customer', 'orders', 'lineitem')
WORDS = ['special requests', 'quick deposits', 'special packages and requests', 'pending', 'Customer Complaints', 'Customer bold Complaints', 'even ideas']


def literal(value):
    if value is None:
        return 'NULL'
    if isinstance(value, (str, datetime.date)):
        return "'" + str(value).replace("'", "''") + "'"
    return str(value)


def insert(table, rows):
    return f'INSERT INTO {table} VALUES ' + ', '.join('(' + ', '.join(map(literal, row)) + ')' for row in rows)


class Data:
    """Keeps the keys that are there, so that no insert meets one."""

    def __init__(self, random, scale=1.0):
        self.random = random
        self.counts = {'supplier': int(14 * scale), 'part': int(50 * scale), 'customer': int(60 * scale), 'orders': int(260 * scale)}
        self.keys = {table: [] for table in ORDER}
        self.next = dict.fromkeys(ORDER, 1)

    def choice(self, values):
        return self.random.choice(values)

    def money(self, low, high):
        return f'{self.random.randint(low * 100, high * 100) / 100:.2f}'

    def comment(self):
        return None if self.random.random() < 0.1 else self.choice(WORDS)

    def phone(self, nation):
        return f'{10 + nation}-{self.random.randint(100, 999)}-{self.random.randint(1000, 9999)}'

    def key(self, table):
        key = self.next[table]
        self.next[table] += 1
        self.keys[table].append(key)
        return key

    def some(self, table):
        """A key that is there; 1 when there is none (then it refers to nothing)."""
        return self.choice(self.keys[table] or [1])

    def nation(self):
        """Mostly one of those that the queries name."""
        return self.choice((2, 6, 7, 8, 14, 18, 3)) if self.random.random() < 0.7 else self.random.randrange(25)

    def day(self):
        """Many in the weeks that the queries name."""
        first = self.choice((datetime.date(1993, 9, 1), datetime.date(1995, 2, 1), datetime.date(1995, 12, 1)))
        return first + datetime.timedelta(self.random.randrange(60)) if self.random.random() < 0.4 else FIRST_DAY + datetime.timedelta(self.random.randrange(DAYS))

    def supplier(self):
        nation, key = self.nation(), self.key('supplier')
        return key, f'Supplier#{key:09}', f'street {self.random.randint(1, 99)}', nation, self.phone(nation), self.money(-900, 9000), self.comment()

    def part(self):
        key = self.key('part')
        return (key, f'{self.choice(COLOURS)} {self.choice(COLOURS)}', f'Manufacturer#{self.random.randint(1, 5)}', self.choice(BRANDS), self.choice(TYPES), self.choice(SIZES),
                self.choice(CONTAINERS), self.money(900, 1500), self.comment())

    def partsupps(self, part):
        suppliers = self.random.sample(self.keys['supplier'], min(3, len(self.keys['supplier'])))
        self.keys['partsupp'] += [(part, s) for s in suppliers]
        return [(part, s, self.random.randint(1, 400), self.money(1, 900), self.comment()) for s in suppliers]

    def customer(self):
        nation, key = self.nation(), self.key('customer')
        return key, f'Customer#{key:09}', f'street {self.random.randint(1, 99)}', nation, self.phone(nation), self.money(-900, 9000), self.choice(SEGMENTS), self.comment()

    def order(self):
        """(order, its lines)"""
        key, day = self.key('orders'), self.day()
        customer = self.some('customer')
        order = (key, customer if customer % 3 else customer + 1, self.choice('FFO'), self.money(1000, 90000), day, self.choice(PRIORITIES), f'Clerk#{self.random.randint(1, 9)}', self.random.randint(0, 1), self.comment())
        return order, [self.line(key, number, day) for number in range(1, self.random.randint(1, 7) + 1)]

    def line(self, order, number, day):
        part, supplier = self.some('partsupp') if self.keys['partsupp'] else (1, 1)
        self.keys['lineitem'].append((order, number))
        ship, commit = (day + datetime.timedelta(self.random.randint(1, 90)) for _ in range(2))
        return (order, part, supplier, number, f'{self.random.randint(1, 50)}.00', self.money(900, 50000), f'0.{self.random.randint(0, 10):02}', f'0.0{self.random.randint(0, 8)}', self.choice('RAN'),
                self.choice('OF'), ship, commit, ship + datetime.timedelta(self.random.randint(1, 30)), self.choice(INSTRUCTIONS), self.choice(MODES), self.comment())

    def fill(self):
        """Statements that make the first contents."""
        answer = [insert('region', [(self.key('region') - 1, name, self.comment()) for name in REGIONS]),
                  insert('nation', [(self.key('nation') - 1, name, region, self.comment()) for name, region in NATIONS])]
        answer.append(insert('supplier', [self.supplier() for _ in range(self.counts['supplier'])]))
        parts = [self.part() for _ in range(self.counts['part'])]
        answer += [insert('part', parts), insert('partsupp', [row for part in parts for row in self.partsupps(part[0])])]
        answer.append(insert('customer', [self.customer() for _ in range(self.counts['customer'])]))
        orders = [self.order() for _ in range(self.counts['orders'])]
        for start in range(0, len(orders), 200):
            some = orders[start:start + 200]
            answer += [insert('orders', [order for order, _ in some]), insert('lineitem', [line for _, lines in some for line in lines])]
        return answer

    # ---- an epoch

    def changes(self):
        """Statements of one epoch: of every table something comes, changes or goes, now and then."""
        r = self.random
        answer = []
        orders = [self.order() for _ in range(r.randint(1, 8))]
        answer += [insert('orders', [order for order, _ in orders]), insert('lineitem', [line for _, lines in orders for line in lines])]
        for change in r.sample((self.new_master, self.change_lines, self.change_orders, self.change_customers, self.change_suppliers, self.change_parts, self.change_nations, self.delete_orders,
                                self.delete_lines, self.delete_master, self.churn), 6):
            answer += change()
        return answer

    def new_master(self):
        part = self.part()
        answer = [insert('part', [part]), insert('customer', [self.customer()]), insert('supplier', [self.supplier()])]
        rows = self.partsupps(part[0])
        return answer + ([insert('partsupp', rows)] if rows else [])

    def change_lines(self):
        key, number = self.choice(self.keys['lineitem'] or [(0, 0)])
        return [f"UPDATE lineitem SET l_quantity = {self.random.randint(1, 60)}, l_returnflag = '{self.choice('RAN')}' WHERE l_orderkey = {key}",
                f'UPDATE lineitem SET l_extendedprice = l_extendedprice + 1.25, l_shipdate = l_shipdate + {self.random.randint(-5, 5)} WHERE l_orderkey = {self.some("orders")} AND l_linenumber <= {number}',
                f"UPDATE lineitem SET l_receiptdate = l_commitdate - 1, l_shipmode = '{self.choice(MODES)}' WHERE l_partkey = {self.some('part')} AND l_linenumber = {number}"]

    def change_orders(self):
        return [f"UPDATE orders SET o_orderstatus = '{self.choice('FO')}', o_comment = {literal(self.comment())} WHERE o_custkey = {self.some('customer')}",
                f"UPDATE orders SET o_orderdate = o_orderdate + {self.random.randint(-40, 40)}, o_orderpriority = '{self.choice(PRIORITIES)}' WHERE o_orderkey % 17 = {self.random.randrange(17)}"]

    def change_customers(self):
        return [f"UPDATE customer SET c_mktsegment = '{self.choice(SEGMENTS)}', c_acctbal = c_acctbal + {self.random.randint(-500, 500)} WHERE c_custkey % 7 = {self.random.randrange(7)}",
                f'UPDATE customer SET c_nationkey = {self.nation()} WHERE c_custkey = {self.some("customer")}']

    def change_suppliers(self):
        return [f'UPDATE supplier SET s_nationkey = {self.nation()}, s_comment = {literal(self.comment())} WHERE s_suppkey = {self.some("supplier")}',
                f'UPDATE partsupp SET ps_availqty = {self.random.randint(1, 400)}, ps_supplycost = {self.money(1, 900)} WHERE ps_suppkey = {self.some("supplier")} AND ps_partkey % 3 = {self.random.randrange(3)}']

    def change_parts(self):
        return [f"UPDATE part SET p_type = '{self.choice(TYPES)}', p_size = {self.choice(SIZES)} WHERE p_partkey = {self.some('part')}",
                f"UPDATE part SET p_brand = '{self.choice(BRANDS)}', p_container = '{self.choice(CONTAINERS)}', p_name = '{self.choice(COLOURS)} x' WHERE p_partkey % 11 = {self.random.randrange(11)}"]

    def change_nations(self):
        """A nation moves to another region, and a region is named anew; both come back some time."""
        nation = self.random.randrange(25)
        region = self.choice((NATIONS[nation][1], self.random.randrange(5)))
        name = self.choice([REGIONS[region]] * 5 + ['ATLANTIS'])
        return [f'UPDATE nation SET n_regionkey = {region} WHERE n_nationkey = {nation}',
                f"UPDATE region SET r_comment = {literal(self.comment())}, r_name = '{name}' WHERE r_regionkey = {region}"]

    def gone(self, table, key):
        if key in self.keys[table]:
            self.keys[table].remove(key)
        return key

    def delete_orders(self):
        keys = [self.gone('orders', self.some('orders')) for _ in range(self.random.randint(1, 4))]
        listed = ', '.join(map(str, keys))
        answer = [f'DELETE FROM orders WHERE o_orderkey IN ({listed})']
        if self.random.random() < 0.7:  # else lines without an order
            answer.append(f'DELETE FROM lineitem WHERE l_orderkey IN ({listed})')
        return answer

    def delete_lines(self):
        return [f'DELETE FROM lineitem WHERE l_orderkey = {self.some("orders")} AND l_linenumber > {self.random.randint(0, 2)}', 'DELETE FROM lineitem WHERE l_orderkey = -1']

    def delete_master(self):
        answer = [f'DELETE FROM customer WHERE c_custkey = {self.gone("customer", self.some("customer"))}', f'DELETE FROM part WHERE p_partkey = {self.gone("part", self.some("part"))}']
        if self.random.random() < 0.5:
            supplier = self.gone('supplier', self.some('supplier'))
            answer += [f'DELETE FROM supplier WHERE s_suppkey = {supplier}', f'DELETE FROM partsupp WHERE ps_suppkey = {supplier} AND ps_partkey % 2 = 0']
        if self.random.random() < 0.3:
            nation = self.random.randrange(25)
            row = insert('nation', [(nation, NATIONS[nation][0], NATIONS[nation][1], 'again')])
            answer += [f'DELETE FROM nation WHERE n_nationkey = {nation}', row]
        return answer

    def churn(self):
        """An order that comes and goes within the epoch."""
        order, lines = self.order()
        self.gone('orders', order[0])
        return [insert('orders', [order]), insert('lineitem', lines), f'UPDATE lineitem SET l_tax = 0.01 WHERE l_orderkey = {order[0]}',
                f'DELETE FROM lineitem WHERE l_orderkey = {order[0]}', f'DELETE FROM orders WHERE o_orderkey = {order[0]}']
