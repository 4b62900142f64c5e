//! `type`: defines types, shows them, and lists what breaks them.

use crate::args::{Type, TypeDefine, TypeShow, TypeViolations, TypesOf};
use crate::failure::{Failure, Outcome};
use crate::output::{Output, printable};
use crate::words::parse_object;
use pluresdb::types::{FromSchema, TypeDef};
use pluresdb::{Defined, Error, Value};
use serde::Serialize;
use serde_json::json;

pub(crate) fn run(args: Type, output: &mut Output) -> Outcome {
    match args {
        Type::Define(args) => define(args, output),
        Type::Show(args) => show(&args, output),
        Type::List(args) => list(&args, output),
        Type::Violations(args) => violations(&args, output),
    }
}

fn define(args: TypeDefine, output: &mut Output) -> Outcome {
    let data = parse_object(&args.definition)?;
    let def = if args.json_schema {
        let FromSchema { def, ignored } =
            TypeDef::from_json_schema(Some(&args.name), data).map_err(Error::from)?;
        for place in ignored {
            output.remark(format_args!("{} is not checked", printable(&place)))?;
        }
        def
    } else {
        TypeDef::parse(&args.name, data).map_err(Error::from)?
    };
    let defined = super::open(&args.file)?.define_type(&def)?;
    let (word, version) = match defined {
        Defined::Written => ("written", def.version),
        Defined::Same => ("same", def.version),
        Defined::Kept { version } => ("kept", version),
    };
    let name = printable(&def.name);
    let done = json!({
        "type": def.name, "fields": def.fields.len(), "defined": word, "version": version
    });
    match defined {
        Defined::Written => output.done(&done, format_args!("Defined {name}")),
        Defined::Same => output.done(&done, format_args!("{name} is defined so already")),
        Defined::Kept { version } => output.done(
            &done,
            format_args!("Version {version} of {name} is there, which is later, and stays"),
        ),
    }
}

fn show(args: &TypeShow, output: &mut Output) -> Outcome {
    let Some(def) = super::open(&args.file)?.type_def(&args.name)? else {
        return Err(Failure::NotFound(format!("type {:?} is not defined", args.name)));
    };
    let data = if args.json_schema { def.to_json_schema() } else { def.to_data() };
    let data = Value::Object(data);
    if output.is_json() {
        return output.json(&data);
    }
    let text = serde_json::to_string_pretty(&data).unwrap_or_default();
    output.line(format_args!("{text}"))
}

fn list(args: &TypesOf, output: &mut Output) -> Outcome {
    let types = super::open(&args.file)?.types()?;
    if output.is_json() {
        let types: Vec<_> =
            types.iter().map(|def| json!({ "type": def.name, "data": def.to_data() })).collect();
        return output.json(&types);
    }
    types.iter().try_for_each(|def| output.line(format_args!("{}", printable(&def.name))))
}

#[derive(Serialize)]
struct ViolationJson<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    path: &'a str,
    rule: &'a str,
    message: &'a str,
    value: &'a str,
}

fn violations(args: &TypeViolations, output: &mut Output) -> Outcome {
    let found = super::open(&args.file)?.violations(args.kind.as_deref(), args.limit)?;
    if output.is_json() {
        let found: Vec<_> = found
            .iter()
            .map(|found| ViolationJson {
                id: &found.id,
                kind: &found.kind,
                path: &found.violation.path,
                rule: found.violation.rule.word(),
                message: &found.violation.message,
                value: &found.violation.value,
            })
            .collect();
        return output.json(&found);
    }
    found.iter().try_for_each(|found| {
        let said = found.violation.to_string();
        output.line(format_args!("{} {}", printable(&found.id), printable(&said)))
    })
}
