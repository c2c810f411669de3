//! Every value comes back as the contract says, digit for digit.

use serde_json::json;

use crate::setup::{Stopped, texts, world};

#[tokio::test]
async fn every_type_has_its_form() {
    let (db, admin) = world(crate::server!()).await;
    admin
        .batch_execute(
            "CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE TYPE item AS (name text, price numeric, n int8);
             CREATE DOMAIN price AS numeric CHECK (VALUE > 0); CREATE EXTENSION hstore; CREATE EXTENSION citext;
             CREATE TYPE basket AS (items item[], total price)",
        )
        .await
        .unwrap();
    for (expression, expected) in [
        ("1::int2", "1"),
        ("(-2147483648)::int4", "-2147483648"),
        ("9223372036854775807::int8", "9223372036854775807"),
        ("(-9223372036854775808)::int8", "-9223372036854775808"),
        ("1.10::numeric", r#""1.10""#),
        ("1e-45::numeric", r#""0.000000000000000000000000000000000000000000001""#),
        (
            "123456789012345678901234567890.123456789::numeric",
            r#""123456789012345678901234567890.123456789""#,
        ),
        ("'NaN'::numeric", r#""NaN""#),
        ("'-Infinity'::numeric", r#""-Infinity""#),
        ("1.5::price", r#""1.5""#),
        ("0.1::float8", "0.1"),
        ("0.1::float4", "0.1"),
        ("1e300::float8", "1e+300"),
        ("'NaN'::float8", r#""NaN""#),
        ("'Infinity'::float4", r#""Infinity""#),
        ("true", "true"),
        ("null::bool", "null"),
        ("null", "null"),
        ("'a\"b\\c\n'::text", r#""a\"b\\c\n""#),
        ("'x'::char(3)", r#""x  ""#),
        ("'Ä€𝄞'::varchar", r#""Ä€𝄞""#),
        ("'n'::name", r#""n""#),
        ("'c'::\"char\"", r#""c""#),
        ("'AbC'::citext", r#""AbC""#),
        ("'\\x01fF'::bytea", r#""\\x01ff""#),
        ("timestamp '2026-01-02 03:04:05.678901'", r#""2026-01-02T03:04:05.678901""#),
        ("timestamptz '2026-01-02 03:04:05+02'", r#""2026-01-02T01:04:05+00:00""#),
        ("'infinity'::timestamptz", r#""infinity""#),
        ("date '2026-01-02'", r#""2026-01-02""#),
        ("date '0044-03-15 BC'", r#""0044-03-15 BC""#),
        ("time '03:04:05.5'", r#""03:04:05.5""#),
        ("timetz '03:04:05+02'", r#""03:04:05+02""#),
        ("interval '1 year 2 days 03:04:05'", r#""1 year 2 days 03:04:05""#),
        ("'{\"b\" : 1.00, \"a\": [1e2]}'::json", r#"{"b" : 1.00, "a": [1e2]}"#),
        ("'{\"b\" : 1.00}'::jsonb", r#"{"b": 1.00}"#),
        ("'null'::jsonb", "null"),
        ("'123456789012345678901234567890'::jsonb", "123456789012345678901234567890"),
        ("'00000000-0000-0000-0000-00000000000A'::uuid", r#""00000000-0000-0000-0000-00000000000a""#),
        ("'10.0.0.1/8'::inet", r#""10.0.0.1/8""#),
        ("'10.0.0.0/8'::cidr", r#""10.0.0.0/8""#),
        ("'08:00:2b:01:02:03'::macaddr", r#""08:00:2b:01:02:03""#),
        ("array[1, null, 3]", "[1,null,3]"),
        ("array[[1.10, null], ['NaN', 2]]::numeric[]", r#"[["1.10",null],["NaN","2"]]"#),
        ("array['a,b', 'NULL', null]::text[]", r#"["a,b","NULL",null]"#),
        ("'{}'::int[]", "[]"),
        ("array['{\"a\":1.0}']::jsonb[]", r#"[{"a": 1.0}]"#),
        ("12.5::money", r#""$12.50""#),
        ("B'101'", r#""101""#),
        ("'[1,5)'::int4range", r#""[1,5)""#),
        ("'[1.0,2.0)'::numrange", r#""[1.0,2.0)""#),
        ("'{[1,2)}'::int4multirange", r#""{[1,2)}""#),
        ("26::oid", "26"),
        ("'pg_class'::regclass", r#""pg_class""#),
        ("'<a/>'::xml", r#""<a/>""#),
        ("point '(1,2)'", r#""(1,2)""#),
        ("to_tsvector('simple', 'a b')", r#""'a':1 'b':2""#),
        ("'glad'::mood", r#""glad""#),
        ("array['glad', 'sad']::mood[]", r#"["glad","sad"]"#),
        ("row('x', 1.50, 9007199254740993)::item", r#"{"name":"x","price":"1.50","n":9007199254740993}"#),
        (
            "row(array[row('x', 1.0, 1)]::item[], 2.0)::basket",
            r#"{"items":[{"name":"x","price":"1.0","n":1}],"total":"2.0"}"#,
        ),
        ("'a=>1, b=>NULL'::hstore", r#"{"a": "1", "b": null}"#),
        ("row(1, 'a')", r#"{"f1":1,"f2":"a"}"#),
        ("'0/16B3748'::pg_lsn", r#""0/16B3748""#),
    ] {
        let row = db.row(&format!("SELECT {expression} AS v"), json!({})).await;
        let expected = format!(r#"{{"v":{expected}}}"#);
        // Inside text the server may write an escape of its own.
        assert_eq!(row, expected, "{expression}");
    }
}

#[tokio::test]
async fn columns_of_one_name_all_keep_their_values() {
    let (db, _) = world(crate::server!()).await;
    let row = db.row("SELECT 1 AS a, 2 AS a, 3 AS a_2, 4, 5, 6 AS \"q\"\"q\"", json!({})).await;
    assert_eq!(row, r#"{"a":1,"a_3":2,"a_2":3,"?column?":4,"?column?_2":5,"q\"q":6}"#);
}

#[tokio::test]
async fn every_kind_of_read_is_answered() {
    let (db, admin) = world(crate::server!()).await;
    admin.batch_execute("CREATE TABLE t AS SELECT generate_series(1, 5) AS n").await.unwrap();
    for (statement, expected) in [
        ("SELECT n FROM t ORDER BY n DESC LIMIT 2;", r#"[{"n":5},{"n":4}]"#),
        ("VALUES (1, 'a'), (2, 'b')", r#"[{"column1":1,"column2":"a"},{"column1":2,"column2":"b"}]"#),
        ("(SELECT 1 AS n) UNION ALL (SELECT 2) ORDER BY n", r#"[{"n":1},{"n":2}]"#),
        (
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT sum(n) FROM r",
            r#"[{"sum":6}]"#,
        ),
        ("SELECT n, rank() OVER (ORDER BY n DESC) AS r FROM t WHERE n > 4 -- the end", r#"[{"n":5,"r":1}]"#),
        ("SELECT x FROM t, LATERAL (SELECT n * 10 AS x) l WHERE n = 1", r#"[{"x":10}]"#),
        (
            "SELECT '{\"a\": 1}'::jsonb @> '{}' AS c, (array[1,2,3])[2:3] AS s, E'\\'' AS e, $$;$$ AS d",
            r#"[{"c":true,"s":[2,3],"e":"'","d":";"}]"#,
        ),
        ("SELECT count(*) FILTER (WHERE n > 2) AS c FROM t", r#"[{"c":3}]"#),
        ("SHOW server_encoding", r#"[{"server_encoding":"UTF8"}]"#),
        ("SELECT 1 AS a WHERE false", "[]"),
        (
            "SELECT random() < 2 AS r, clock_timestamp() IS NOT NULL AS c, gen_random_uuid() IS NOT NULL AS u",
            r#"[{"r":true,"c":true,"u":true}]"#,
        ),
    ] {
        let rows = db.query(statement).await.unwrap_or_else(|stopped| panic!("{statement}: {stopped:?}"));
        assert_eq!(format!("[{}]", texts(&rows).join(",")), expected, "{statement}");
    }
    let plan = db.query("EXPLAIN SELECT * FROM t").await.unwrap();
    assert!(plan.items()[0].get().contains("Seq Scan on t"));
    let plan = db.query("EXPLAIN (FORMAT JSON) SELECT * FROM t").await.unwrap();
    assert!(plan.items()[0].get().starts_with(r#"{"QUERY PLAN":["#));
}

#[tokio::test]
async fn the_servers_own_refusals_are_passed_on_without_rows() {
    let (db, admin) = world(crate::server!()).await;
    admin
        .batch_execute("CREATE TABLE t (email text PRIMARY KEY); INSERT INTO t VALUES ('secret@x')")
        .await
        .unwrap();
    let failed = |stopped: Stopped| stopped.text();
    let missing = failed(db.query("SELECT * FROM nothing").await.unwrap_err());
    assert!(
        missing.contains("SQLSTATE 42P01") && missing.contains("\"nothing\" does not exist"),
        "{missing}"
    );
    let taken = failed(db.execute("INSERT INTO t VALUES ('secret@x')").await.unwrap_err());
    assert!(taken.contains("SQLSTATE 23505") && !taken.contains("secret@x"), "{taken}");
    let division = failed(db.query("SELECT 1 / 0").await.unwrap_err());
    assert!(division.contains("SQLSTATE 22012"), "{division}");
    assert_eq!(db.row("SELECT 1 AS a", json!({})).await, r#"{"a":1}"#);
}

#[tokio::test]
async fn every_relation_of_the_catalogue_can_be_read() {
    let (db, admin) = world(crate::server!()).await;
    // Among their columns are all the unusual types: anyarray, vectors, nodes, transaction ids.
    let relations = "SELECT c.oid::regclass::text FROM pg_class c WHERE relkind IN ('r', 'v')
                     AND relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)";
    let relations: Vec<String> =
        admin.query(relations, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert!(relations.len() > 150, "{}", relations.len());
    admin
        .batch_execute("CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 99); ANALYZE")
        .await
        .unwrap();
    for relation in relations {
        let statement = format!("SELECT * FROM {relation}");
        let rows = db.query_with(&statement, json!({}), Some(20), crate::setup::soon()).await;
        rows.unwrap_or_else(|stopped| panic!("{statement}: {stopped:?}"));
    }
}

#[tokio::test]
async fn the_language_of_reads_is_understood() {
    let (db, admin) = world(crate::server!()).await;
    admin.batch_execute("CREATE TABLE t (a int, b text, c jsonb, d timestamptz); INSERT INTO t VALUES (1, 'x', '{\"k\": [1]}', now())").await.unwrap();
    for statement in [
        "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b DESC NULLS LAST",
        "SELECT c ->> 'k', c -> 'k' ->> 0, c #>> '{k,0}', c @> '{}', c ? 'k', c ?| array['k'], c @? '$.k' FROM t",
        "SELECT b ~* 'X', b !~ 'y', b ILIKE '%x', b SIMILAR TO 'x', b LIKE 'x!%' ESCAPE '!' FROM t",
        "SELECT d AT TIME ZONE 'Europe/Berlin', d - interval '1 day', extract(epoch FROM d), date_trunc('day', d) FROM t",
        "SELECT a IS DISTINCT FROM 2, a BETWEEN 1 AND 2, a IN (1, 2), NOT a = ANY('{1,2}'::int[]) FROM t",
        "SELECT count(*), grouping(a) FROM t GROUP BY GROUPING SETS ((a), ())",
        "SELECT sum(a) OVER w, lag(a, 1) OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t WINDOW w AS (ORDER BY a)",
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a), string_agg(b, ',' ORDER BY b) FROM t",
        "SELECT i, e FROM t, unnest(array['p', 'q']) WITH ORDINALITY AS u(e, i)",
        "SELECT * FROM generate_series(1, 3) AS g(i) FETCH FIRST 2 ROWS ONLY",
        "SELECT * FROM json_to_recordset('[{\"a\": 1}]') AS r(a int, b text)",
        "SELECT * FROM t TABLESAMPLE BERNOULLI (100)",
        "SELECT ARRAY(SELECT a FROM t), (ROW(1, 'x')).f1, (c)['k'] FROM t",
        "SELECT x.* FROM (SELECT a FROM t EXCEPT ALL SELECT 2) x ORDER BY 1 OFFSET 0 ROWS",
        "SELECT b COLLATE \"C\" || 'y', 1 OPERATOR(pg_catalog.+) 2, x'ff', .5, 1e3, B'1' FROM t",
        "SELECT coalesce(b, 'n'), nullif(a, 1), greatest(a, 2), CASE a WHEN 1 THEN 'o' ELSE 'm' END FROM t",
        "SELECT t.*, s.a FROM t FULL JOIN t s USING (a) LEFT JOIN LATERAL (SELECT t.a) l ON true CROSS JOIN (VALUES (1)) v",
        "WITH x AS MATERIALIZED (SELECT 1 AS n), y AS NOT MATERIALIZED (SELECT 2) SELECT * FROM x, y",
        "SELECT EXISTS (SELECT 1 FROM t WHERE a > ALL (SELECT 0)), (SELECT max(a) FROM t)",
        "SELECT 'a'\n  'b' AS joined, 'it''s', E'\\n', $q$ ' $q$",
        "SELECT (d, d + interval '1 hour') OVERLAPS (d, d), current_date, current_user, localtime FROM t",
        "SELECT substring(b FROM 1 FOR 1), position('x' IN b), trim(both 'x' FROM b), overlay(b placing 'z' from 1) FROM t",
        "SELECT a::bigint, CAST(a AS numeric(10, 2)), b::varchar(3), '{1}'::int[], 'pg_class'::regclass FROM t",
        "SELECT - a, + a, a % 2, a ^ 2, |/ 4.0, @ -1, a & 1, a | 1, a # 1, ~ a, a << 1 FROM t",
    ] {
        let rows = db.query(statement).await;
        rows.unwrap_or_else(|stopped| panic!("{statement}: {stopped:?}"));
    }
}
