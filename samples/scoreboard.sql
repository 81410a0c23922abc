-- A live scoreboard and the table of a league, correct after every event:   kappa run samples/scoreboard.sql
-- (from the repository's root: the events are in samples/data). A goal may be taken back; every result that follows from it is taken back with it.
CREATE SOURCE events (
  at    TIMESTAMP,
  match INT NOT NULL,
  home  TEXT NOT NULL,
  away  TEXT NOT NULL,
  what  TEXT NOT NULL,                                       -- kickoff, goal, card, whistle
  team  TEXT,
  goals INT                                                  -- 1, or -1 when the referee takes one back
) WITH (connector = 'file', path = 'samples/data/matches.jsonl') FORMAT PLAIN ENCODE JSON;

CREATE MATERIALIZED VIEW scores AS
SELECT match, home, away, coalesce(sum(goals) FILTER (WHERE team = home), 0) AS home_goals, coalesce(sum(goals) FILTER (WHERE team = away), 0) AS away_goals,
       CASE WHEN bool_or(what = 'whistle') THEN 'final' ELSE 'playing' END AS state, max(at) AS last_event
FROM events GROUP BY match, home, away;

-- An aggregate of an aggregate: each goal moves points from one team to the other. Matches that are played count as they stand.
CREATE MATERIALIZED VIEW league AS
SELECT team, count(*) AS played, sum(CASE WHEN shot > got THEN 3 WHEN shot = got THEN 1 ELSE 0 END) AS points,
       sum(shot) AS goals, sum(got) AS against, sum(shot) - sum(got) AS difference
FROM (SELECT home AS team, home_goals AS shot, away_goals AS got FROM scores
      UNION ALL
      SELECT away, away_goals, home_goals FROM scores) AS sides
GROUP BY team;

-- What a display would be sent: the line of a match whenever it changes. Over Kafka: FORMAT UPSERT with primary_key = 'match'.
CREATE SINK ticker AS SELECT match, home || ' - ' || away || '  ' || home_goals || ':' || away_goals AS line, state FROM scores
WITH (connector = 'stdout') FORMAT PLAIN ENCODE JSON;

SELECT match, home, away, home_goals, away_goals, state FROM scores ORDER BY match;
SELECT team, played, points, goals, against, difference FROM league ORDER BY points DESC, difference DESC, team;
