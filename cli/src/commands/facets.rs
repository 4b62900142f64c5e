//! `facets`: how many nodes have which values.

use crate::args::asked::Facets;
use crate::failure::Outcome;
use crate::output::{Output, Table, grouped, printable};
use crate::words::{Fields, dotted};
use pluresdb::{Facet, FacetQuestion, Path, SqlValue, Value};
use serde::Serialize;

pub(crate) fn run(args: Facets, output: &mut Output) -> Outcome {
    let fields: Vec<Path> =
        args.fields.iter().map(|field| dotted(field)).collect::<Outcome<_>>()?;
    let mut chosen: Vec<(Path, Vec<Value>)> = Vec::new();
    for word in args.chosen {
        let fields = Fields { json: None, fields: vec![word] };
        for (field, value) in fields.patch(&[])? {
            let value = value.unwrap_or(Value::Null);
            match chosen.iter_mut().find(|(known, _)| *known == field) {
                Some((_, values)) => values.push(value),
                None => chosen.push((field, vec![value])),
            }
        }
    }
    let found = super::open(&args.file)?.facets(&FacetQuestion {
        kind: args.kind.as_deref(),
        filter: args.filter.as_deref(),
        params: &[],
        search: args.search.as_deref(),
        fields: &fields,
        chosen: &chosen,
        limit: args.limit,
    })?;
    if output.is_json() {
        let facets = found.facets.iter().map(FacetJson::of).collect();
        return output.json(&FacetsJson { total: found.total, facets });
    }
    let mut table = Table::new(output, ["field", "value", "nodes"]);
    for facet in &found.facets {
        for (value, count) in &facet.values {
            let count = SqlValue::Int(i64::try_from(*count).unwrap_or(i64::MAX));
            let field = Table::text(&facet.field.to_string());
            let row = vec![field, Table::text(&shown(value)), Table::value(&count)];
            table.push(output, row)?;
        }
    }
    table.end(output)?;
    for facet in found.facets.iter().filter(|facet| facet.more) {
        let field = facet.field.to_string();
        output.remark(format_args!("{} has further values: --limit", printable(&field)))?;
    }
    let noun = if found.total == 1 { "node" } else { "nodes" };
    output.remark(format_args!("{} {noun}", grouped(found.total)))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

#[derive(Serialize)]
struct FacetsJson<'a> {
    total: u64,
    facets: Vec<FacetJson<'a>>,
}

#[derive(Serialize)]
struct FacetJson<'a> {
    field: Vec<&'a str>,
    values: Vec<CountJson<'a>>,
    more: bool,
}

#[derive(Serialize)]
struct CountJson<'a> {
    value: &'a Value,
    count: u64,
}

impl<'a> FacetJson<'a> {
    fn of(facet: &'a Facet) -> Self {
        let values = facet.values.iter().map(|(value, count)| CountJson { value, count: *count });
        Self { field: facet.field.keys().collect(), values: values.collect(), more: facet.more }
    }
}
