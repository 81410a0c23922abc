-- rule: json_path_pushdown
SELECT j -> 'user' ->> 'name', j ->> 'kind', t ->> 'kind', w ->> 'x', w, k ->> 'x' FROM documents WHERE (j -> 'user' ->> 'age')::int > 18;
