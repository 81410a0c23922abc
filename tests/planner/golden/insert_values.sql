INSERT INTO plain (k, d, n) VALUES (1, '2024-01-31', 1.005), (2, NULL, 3);
