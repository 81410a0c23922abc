-- rule: index_lookup
SELECT owner, balance FROM accounts WHERE owner = 'ann' AND balance > 0;
