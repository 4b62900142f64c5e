//! Import and export as JSON Lines.

use pluresdb::{Database, Direction, Export, SqlValue, Value, object};

const LINES: &str = r#"{"source":"a","label":"to","target":"b","key":"k","data":{"w":1}}
{"id":"a","type":"Note","data":{"t":"x","big":9007199254740993,"f":1.0,"b":{"$bytes":"AAE="}}}

{"id":"b","type":"Note"}
"#;

fn export(db: &Database) -> String {
    let mut text = String::new();
    let mut exporter = Export::default();
    while let Some(piece) = exporter.next_piece(db).unwrap() {
        text.push_str(&piece.text);
    }
    text
}

#[test]
fn an_export_imports_to_the_same_data() {
    let mut db = Database::memory().unwrap();
    let counts = db.import_jsonl(LINES, 1).unwrap();
    assert_eq!((counts.nodes, counts.edges), (2, 1));
    assert_eq!(db.edges("a", Direction::Out, None, 9).unwrap()[0].key, "k");
    let big = db.query("SELECT big, f FROM Note WHERE id = 'a'", &[]).unwrap();
    assert_eq!(big.rows[0], [SqlValue::Int(9_007_199_254_740_993), SqlValue::Int(1)]);
    let lines = export(&db);
    let mut again = Database::memory().unwrap();
    again.import_jsonl(&lines, 1).unwrap();
    assert_eq!(export(&again), lines);
    assert_eq!(again.get("a").unwrap().unwrap().data, db.get("a").unwrap().unwrap().data);
}

#[test]
fn a_faulty_line_is_named_and_nothing_of_its_batch_is_written() {
    let faults = [
        (r#"{"id":"b","type":"Note","data":{"#, "EOF"),
        (r#"{"id":"b","data":{}}"#, "a line is a node"),
        ("5", "expected a node or an edge as an object"),
        (r#""id""#, "expected a node or an edge as an object"),
        (r#"{"id":"b","type":"Note","colour":1}"#, "unknown field `colour`"),
        (r#"{"id":"","type":"Note"}"#, "the node id is empty"),
        (r#"{"id":"b","type":"Note","data":{"n":99999999999999999999}}"#, ""),
        (r#"{"id":"b","type":"Note","data":{"b":{"$bytes":"?"}}}"#, "base64"),
        (r#"{"id":"b","type":"Note","data":{"n":NaN}}"#, "expected value"),
        (r#"{"id":"b","type":"Note","data":{"n":1e999}}"#, "out of range"),
        (r#"{"id":"b","type":"Note","data":{"n":9223372036854775808}}"#, "64 bits"),
        (r#"{"id":"b","type":"Note","data":{"t":"\ud800"}}"#, "half of a surrogate pair"),
        (r#"{"id":"b","type":"Note","data":{"t":"\udc00x"}}"#, "half of a surrogate pair"),
    ];
    for (line, message) in faults {
        let mut db = Database::memory().unwrap();
        let text = format!("{{\"id\":\"a\",\"type\":\"Note\"}}\n{line}\n");
        let outcome = db.import_jsonl(&text, 41);
        if message.is_empty() {
            // A whole number beyond 64 bits is read as the nearest float, as JSON readers do.
            assert!(outcome.is_ok());
            continue;
        }
        let fault = outcome.unwrap_err().to_string();
        assert!(fault.starts_with("line 42: ") && fault.contains(message), "{fault}");
        assert_eq!(db.status().unwrap().nodes, 0);
    }
}

#[test]
fn values_at_the_edges_go_through_json_as_they_are() {
    let data = object([
        ("minus", Value::Float(-0.0)),
        ("odd", Value::Int((1 << 53) + 1)),
        ("least", Value::Int(i64::MIN)),
        ("most", Value::Int(i64::MAX)),
        ("tiny", Value::Float(5e-324)),
        ("large", Value::Float(f64::MAX)),
        ("whole", Value::Float(2_f64.powi(70))),
        ("tenth", Value::Float(0.1)),
        ("", Value::Text("an empty key".into())),
        ("a.b \"ü🦀", Value::from([("", Value::from([("x.y", Value::Bytes(vec![0, 255]))]))])),
        ("text", Value::Text("\0\u{feff}\u{2028}\"\\".into())),
        ("list", Value::Array(vec![Value::Float(-0.0), Value::Null, Value::Array(vec![])])),
    ]);
    let mut db = Database::memory().unwrap();
    db.put("n", "Note", data.clone()).unwrap();
    let mut again = Database::memory().unwrap();
    again.import_jsonl(&export(&db), 1).unwrap();
    let read = again.get("n").unwrap().unwrap().data;
    assert_eq!(read, data);
    for zero in [&read["minus"], &Value::Array(vec![read["minus"].clone()])] {
        assert!(serde_json::to_string(zero).unwrap().contains("-0.0"));
    }
}

#[test]
fn many_lines_go_into_few_records_none_too_large() {
    let mut db = Database::memory().unwrap();
    let lines: String = (0..20_000)
        .map(|i| format!("{{\"id\":\"n{i}\",\"type\":\"T\",\"data\":{{\"text\":\"line {i}\"}}}}\n"))
        .collect();
    assert_eq!(db.import_jsonl(&lines, 1).unwrap().nodes, 20_000);
    let records = db.status().unwrap().records;
    assert!((5..50).contains(&records), "{records}");
    assert_eq!(export(&db).lines().count(), 20_000);
}

#[test]
fn an_export_covers_more_than_one_piece_of_edges() {
    let mut db = Database::memory().unwrap();
    let mut lines = String::from("{\"id\":\"hub\",\"type\":\"T\"}\n");
    for i in 0..1_300 {
        lines.push_str(&format!("{{\"id\":\"n{i}\",\"type\":\"T\"}}\n"));
        lines.push_str(&format!("{{\"source\":\"hub\",\"label\":\"to\",\"target\":\"n{i}\"}}\n"));
    }
    db.import_jsonl(&lines, 1).unwrap();
    let exported = export(&db);
    let mut unique: Vec<&str> = exported.lines().collect();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), 2_601);
    assert_eq!(exported.lines().count(), 2_601);
}

#[test]
fn a_float_comes_back_from_json_to_the_last_bit() {
    // Its shortest spelling is one that a quick parser takes for the number beside it.
    let number = Value::Float(f64::from_bits(0xe200_0000_0000_0000));
    let mut db = Database::memory().unwrap();
    db.put("n", "Note", object([("f", number.clone())])).unwrap();
    let mut again = Database::memory().unwrap();
    again.import_jsonl(&export(&db), 1).unwrap();
    assert_eq!(again.get("n").unwrap().unwrap().data["f"], number);
}
