CREATE SINK cheap (auction BIGINT, price BIGINT) WITH (connector = 'kafka', topic = 'cheap') FORMAT PLAIN ENCODE JSON;
CREATE SINK dear (auction BIGINT, price BIGINT) WITH (connector = 'kafka', topic = 'dear') FORMAT PLAIN ENCODE JSON;
EXECUTE STATEMENT SET BEGIN
INSERT INTO cheap SELECT auction, price FROM bids WHERE price < 100;
INSERT INTO dear SELECT auction, price FROM bids WHERE price >= 100;
INSERT INTO dear SELECT auction, price2 FROM bids WHERE price IS NULL;
END;
