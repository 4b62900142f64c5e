//! Values on their way from JavaScript into the engine and back.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use js_sys::Reflect;
use pluresdb_wasm::{CoreDatabase, Fault};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn database() -> CoreDatabase {
    CoreDatabase::memory(None, true, None).unwrap()
}

/// A value as JavaScript writes it.
fn js(source: &str) -> JsValue {
    js_sys::eval(&format!("({source})")).unwrap()
}

/// What `put` and `get` make of the fields in this source.
fn there_and_back(source: &str) -> JsValue {
    let database = database();
    database.put(Some("a".into()), "T", &js(source)).unwrap();
    let node = database.get("a").unwrap();
    Reflect::get(&node, &"data".into()).unwrap()
}

/// Compares two values with a test written in JavaScript.
fn holds(value: &JsValue, test: &str) -> bool {
    let test: js_sys::Function = js(test).into();
    test.call1(&JsValue::UNDEFINED, value).unwrap().is_truthy()
}

fn message(fault: Fault) -> String {
    let error: js_sys::Error = JsValue::from(fault).into();
    error.message().into()
}

#[wasm_bindgen_test]
fn plain_values_come_back_equal() {
    let source = r#"{ n: null, t: true, i: -7, f: 0.1, s: "ü🦀\0", a: [1, [], {}], o: { "": { "a.b": 1 } } }"#;
    let back = there_and_back(source);
    let text = |value: &JsValue| js_sys::JSON::stringify(value).unwrap();
    // The engine gives keys in their order.
    assert!(holds(
        &back,
        "(v) => JSON.stringify(v.o) === '{\"\":{\"a.b\":1}}' && v.s === 'ü🦀\\0'"
    ));
    assert_eq!(text(&back).length(), text(&js(source)).length());
}

#[wasm_bindgen_test]
fn objects_are_plain_objects_and_no_maps() {
    let back = there_and_back("{ o: { x: {} } }");
    let test = "(v) => [v, v.o, v.o.x].every((o) => Object.getPrototypeOf(o) === Object.prototype)";
    assert!(holds(&back, test));
}

#[wasm_bindgen_test]
fn whole_numbers_turn_into_bigints_only_beyond_2_53() {
    let back = there_and_back(
        "{ a: 2 ** 53, b: 2n ** 53n, c: 2n ** 53n + 1n, d: -(2n ** 63n), e: 5n, z: -0 }",
    );
    assert!(holds(&back, "(v) => v.a === 2 ** 53 && v.b === 2 ** 53 && v.e === 5"));
    assert!(holds(&back, "(v) => v.c === 2n ** 53n + 1n && v.d === -(2n ** 63n)"));
    assert!(holds(&back, "(v) => Object.is(v.z, -0)"));
}

#[wasm_bindgen_test]
fn bytes_are_bytes_also_from_another_realm() {
    js_sys::eval("document.body.append(window.realm = document.createElement('iframe'))").unwrap();
    let back = there_and_back(
        "{ a: new Uint8Array([0, 255]), b: new realm.contentWindow.Uint8Array([7]), c: realm.contentWindow.eval('({ x: [1] })') }",
    );
    assert!(holds(
        &back,
        "(v) => v.a instanceof Uint8Array && String(v.a) === '0,255' && String(v.b) === '7'"
    ));
    assert!(holds(&back, "(v) => v.c.x[0] === 1"));
}

#[wasm_bindgen_test]
fn a_field_called_proto_is_a_field() {
    let back = there_and_back(r#"JSON.parse('{"__proto__": {"x": 1}}')"#);
    assert!(holds(&back, "(v) => Object.hasOwn(v, '__proto__') && v.x === undefined"));
}

#[wasm_bindgen_test]
fn an_undefined_field_is_a_field_that_is_not_there() {
    assert!(holds(&there_and_back("{ a: undefined, b: 1 }"), "(v) => !('a' in v) && v.b === 1"));
}

#[wasm_bindgen_test]
fn what_cannot_be_stored_is_named_by_its_path() {
    let database = database();
    for (source, path) in [
        ("{ a: [0, NaN] }", "a.1:"),
        ("{ a: { b: () => 1 } }", "a.b:"),
        ("{ s: Symbol() }", "s:"),
        ("{ d: new Date() }", "d:"),
        ("{ m: new Map() }", "m:"),
        ("{ c: new (class C {})() }", "c:"),
        ("{ big: 2n ** 63n }", "big:"),
        ("{ half: '\\ud800' }", "half:"),
        ("{ list: [undefined] }", "list.0:"),
        ("(() => { const o = {}; o.again = o; return o; })()", "again.again.again."),
        ("[]", "data:"),
        ("null", "data:"),
    ] {
        let refused = message(database.put(None, "T", &js(source)).unwrap_err());
        assert!(refused.starts_with(path), "{source}: {refused}");
    }
}

#[wasm_bindgen_test]
fn parameters_and_cells_keep_their_types() {
    let table = database()
        .select(
            "SELECT ?1, ?2, ?3, ?4, ?5, ?6",
            &js("[null, false, 1.5, 2n ** 60n, 'x', new Uint8Array([1])]"),
            None,
            None,
            None,
        )
        .unwrap();
    let test = "({ columns, rows: [[a, b, c, d, e, f]] }) => columns.length === 6 && a === null && b === 0 \
                && c === 1.5 && d === 2n ** 60n && e === 'x' && f[0] === 1";
    assert!(holds(&table, test));
}

#[wasm_bindgen_test]
fn errors_are_errors_with_a_code() {
    let error = JsValue::from(
        database().select("SELEC", &JsValue::UNDEFINED, None, None, None).unwrap_err(),
    );
    assert!(holds(&error, "(e) => e instanceof Error && e.code === 'sql'"));
}
