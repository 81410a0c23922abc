-- rule: field_pruning
SELECT (item).name, ((item).size).w, (item).size FROM plain WHERE ((item).size).h > 1;
