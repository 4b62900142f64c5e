//! Whether the parts of a definition fit together. What contradicts the rest is taken out.

use super::definition::{
    FieldDef, FieldKind, MAX_DIMENSION, MAX_SHAPE_DEPTH, TYPE_OF_TYPES, TypeDef, ValueShape,
    ValueType,
};
use super::keys::{DefinitionError, Fault, Report, inside};
use super::language::Language;
use super::number::compare;
use super::short::short;
use super::validate::fits;
use crate::model::{NameKind, Path, Value, check_name, gather};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Where a field stands, which says what it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// A field of the type itself.
    Top,
    /// A field of an object that merges key by key.
    Nested,
    /// A field of an object inside a list, which is replaced as a whole.
    InItems,
}

impl TypeDef {
    /// Whether all of the definition fits together, and is known here.
    pub fn check(&self) -> Result<(), DefinitionError> {
        let mut report = Report::default();
        self.clone().settle(&mut report);
        let Report { mut faults, unknown } = report;
        faults.extend(unknown);
        if faults.is_empty() {
            Ok(())
        } else {
            Err(DefinitionError { name: self.name.clone(), faults })
        }
    }

    /// Takes out what contradicts the rest.
    pub(super) fn settle(&mut self, report: &mut Report) {
        self.check_type_name(report);
        let tag = |text: &str| {
            (2..=35).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if let Some(language) = self.language.take_if(|language| !tag(language)) {
            report.fault("language", format!("{language:?} is no language tag; write en or en-GB"));
        }
        // A later version may know its endings, so it stays where it is read.
        if let Some(language) =
            self.language.as_deref().filter(|language| Language::of_tag(language).is_none())
        {
            let message = format!(
                "the endings of {language:?} are not known, but those of {}; leave it out, and words \
                 are found as they are written",
                Language::tags()
            );
            report.unknown.push(Fault { place: "language".into(), message });
        }
        settle_fields(&mut self.fields, "fields", 0, Standing::Top, report);
        settle_renames(&mut self.fields, report);
        self.settle_embeddings(report);
    }

    fn check_type_name(&self, report: &mut Report) {
        if let Err(error) = check_name(NameKind::Type, &self.name) {
            report.fault("name", error.to_string());
        } else if let Err(error) = check_name(NameKind::NodeId, &Self::node_id(&self.name)) {
            report.fault("name", format!("the definition cannot be stored: {error}"));
        }
        if self.name.starts_with('$') {
            let message = format!(
                "{:?} begins with $, as the database's own types do ({TYPE_OF_TYPES}); name it otherwise",
                self.name
            );
            report.fault("name", message);
        }
    }

    /// Takes out sources of vectors that hold no text.
    fn settle_embeddings(&mut self, report: &mut Report) {
        let silent = self.fields.iter().filter(|(_, field)| !holds_text(field));
        let silent: BTreeSet<String> = gather(silent.map(|(name, _)| name.clone()));
        for (name, field) in &mut self.fields {
            let FieldKind::Vector(vector) = &mut field.kind else { continue };
            vector.embed_from.retain(|source| {
                let silent = silent.contains(source);
                if silent {
                    let message = format!("the field {source:?} holds no text to make a vector of");
                    report.fault(format!("fields.{name}.embed_from"), message);
                }
                !silent
            });
        }
    }
}

fn settle_fields(
    fields: &mut BTreeMap<String, FieldDef>,
    place: &str,
    depth: usize,
    standing: Standing,
    report: &mut Report,
) {
    if depth >= MAX_SHAPE_DEPTH && !fields.is_empty() {
        report.fault(place, format!("nested deeper than {MAX_SHAPE_DEPTH} levels"));
        fields.clear();
    }
    fields.retain(|name, field| {
        let place = inside(place, name);
        if let Err(error) = Path::field(name) {
            report.fault(place, error.to_string());
            return false;
        }
        settle_field(field, &place, depth, standing, report);
        true
    });
}

fn settle_field(
    field: &mut FieldDef,
    place: &str,
    depth: usize,
    standing: Standing,
    report: &mut Report,
) {
    settle_kind(field, place, standing, report);
    let inner = if standing == Standing::InItems { standing } else { Standing::Nested };
    settle_shape(&mut field.shape, place, depth, inner, report);
    settle_elements(field, place, report);
    settle_projections(field, place, report);
    if standing != Standing::Top {
        let only_top = |what: &str| format!("only a field of the type itself can be {what}");
        refuse(&mut field.indexed, place, "indexed", &only_top("indexed"), report);
        refuse(&mut field.unique, place, "unique", &only_top("unique"), report);
        if field.full_text.take().is_some() {
            report.fault(inside(place, "full_text"), only_top("searched by words"));
        }
        if !core::mem::take(&mut field.renamed_from).is_empty() {
            report.fault(inside(place, "renamed_from"), only_top("renamed"));
        }
    }
    settle_default(field, place, standing, report);
}

fn settle_kind(field: &mut FieldDef, place: &str, standing: Standing, report: &mut Report) {
    let kind_place = || inside(place, "kind");
    if standing == Standing::InItems && field.kind.shared().is_some() {
        let message =
            format!("a list is replaced as a whole, so nothing in it is a {}", field.kind);
        report.fault(kind_place(), message);
        field.kind = FieldKind::Value;
    }
    if let FieldKind::Vector(vector) = &field.kind {
        if standing != Standing::Top {
            report.fault(kind_place(), "only a field of the type itself can be a vector");
            field.kind = FieldKind::Value;
        } else if !(1..=MAX_DIMENSION).contains(&vector.dimension) {
            let message = format!("must be 1 to {MAX_DIMENSION}, found {}", vector.dimension);
            report.fault(inside(place, "dimension"), message);
            field.kind = FieldKind::Value;
        }
    }
    let ty = field.kind.value_type();
    if field.kind == FieldKind::Value {
        return;
    }
    if field.shape.ty != ty {
        let message = format!("a {} holds {}; leave the type away", field.kind, ty.noun());
        report.fault(inside(place, "type"), message);
        field.shape.ty = ty;
    }
    if field.shape.nullable && field.kind.shared().is_some() {
        report.fault(inside(place, "nullable"), format!("a {} is never null", field.kind));
        field.shape.nullable = false;
    }
    if !core::mem::take(&mut field.shape.enum_values).is_empty() {
        let message = format!("a {} takes any value of its kind; describe its items", field.kind);
        report.fault(inside(place, "enum"), message);
    }
}

/// Checks what a kind allows of its elements and their number.
fn settle_elements(field: &mut FieldDef, place: &str, report: &mut Report) {
    match field.kind {
        FieldKind::Set => {
            let items = field.shape.items.take_if(|items| items.ty == ValueType::Object);
            if items.is_some() {
                let message = "a set holds no objects; use a list, or nodes and edges";
                report.fault(inside(place, "items.type"), message);
            }
        }
        FieldKind::Vector(_) => {
            let what = "a vector's dimension says this; leave it away";
            if field.shape.items.take().is_some() {
                report.fault(inside(place, "items"), what);
            }
            if field.shape.min_length.take().is_some() {
                report.fault(inside(place, "min_length"), what);
            }
            if field.shape.max_length.take().is_some() {
                report.fault(inside(place, "max_length"), what);
            }
        }
        _ => {}
    }
}

/// Checks what indexes can be made of the field.
fn settle_projections(field: &mut FieldDef, place: &str, report: &mut Report) {
    let scalar = !matches!(field.shape.ty, ValueType::Bytes | ValueType::Array | ValueType::Object)
        && field.kind != FieldKind::Text;
    if !scalar {
        let message = "only a field that holds a short text, a number or a boolean can be indexed";
        refuse(&mut field.indexed, place, "indexed", message, report);
    }
    if !scalar || field.kind == FieldKind::Counter {
        let message =
            "only a plain field that holds a short text, a number or a boolean can be unique";
        refuse(&mut field.unique, place, "unique", message, report);
    }
    if let Some(full_text) = field.full_text {
        if !holds_text(field) {
            report.fault(inside(place, "full_text"), "the field holds no text to search");
            field.full_text = None;
        } else if !(full_text.weight > 0.0 && full_text.weight <= 1000.0) {
            let message = format!("must be above 0 and at most 1000, found {}", full_text.weight);
            report.fault(inside(place, "full_text.weight"), message);
            field.full_text = None;
        }
    }
}

fn settle_default(field: &mut FieldDef, place: &str, standing: Standing, report: &mut Report) {
    let Some(default) = &field.default else { return };
    let message = if field.kind != FieldKind::Value {
        let start = match field.kind {
            FieldKind::Counter => "a counter starts at 0",
            FieldKind::Text => "a text starts empty",
            FieldKind::Set | FieldKind::List => "a set or list starts empty",
            FieldKind::Value | FieldKind::Vector(_) => "a vector has no default",
        };
        // Two devices that fill a default in at once would add it up.
        format!("{start}; leave the default away")
    } else if standing == Standing::InItems {
        "a field of a list's element has no default".into()
    } else if let Err(error) = default.clone().checked() {
        error.to_string()
    } else if !fits(&field.shape, default) {
        format!("{} is no value that the field may hold", short(default))
    } else {
        return;
    };
    report.fault(inside(place, "default"), message);
    field.default = None;
}

fn settle_shape(
    shape: &mut ValueShape,
    place: &str,
    depth: usize,
    standing: Standing,
    report: &mut Report,
) {
    let ty = shape.ty;
    let only = |what: &str| format!("applies to {what}, not to {}", ty.noun());
    if ty == ValueType::Any {
        let message = "a field of any type may be null already; leave this away";
        refuse(&mut shape.nullable, place, "nullable", message, report);
    }
    if !matches!(ty, ValueType::Integer | ValueType::Number) {
        drop_out(&mut shape.minimum, place, "minimum", &only("numbers"), report);
        drop_out(&mut shape.maximum, place, "maximum", &only("numbers"), report);
    }
    if !matches!(ty, ValueType::String | ValueType::Bytes | ValueType::Array) {
        let message = only("texts, bytes and lists");
        drop_out(&mut shape.min_length, place, "min_length", &message, report);
        drop_out(&mut shape.max_length, place, "max_length", &message, report);
    }
    if ty != ValueType::Array {
        drop_out(&mut shape.items, place, "items", &only("lists"), report);
    }
    if ty != ValueType::Object {
        if !core::mem::take(&mut shape.fields).is_empty() {
            report.fault(inside(place, "fields"), only("objects"));
        }
        refuse(&mut shape.closed, place, "closed", &only("objects"), report);
    }
    settle_bounds(shape, place, report);
    if shape.items.is_some() && depth + 1 >= MAX_SHAPE_DEPTH {
        report
            .fault(inside(place, "items"), format!("nested deeper than {MAX_SHAPE_DEPTH} levels"));
        shape.items = None;
    }
    if let Some(items) = &mut shape.items {
        settle_shape(items, &inside(place, "items"), depth + 1, Standing::InItems, report);
    }
    settle_fields(&mut shape.fields, &inside(place, "fields"), depth + 1, standing, report);
    settle_enum(shape, place, report);
}

/// Checks bounds against each other. Bounds that nothing could keep are taken out together.
fn settle_bounds(shape: &mut ValueShape, place: &str, report: &mut Report) {
    for (key, bound) in [("minimum", &mut shape.minimum), ("maximum", &mut shape.maximum)] {
        let bad = bound.take_if(|bound| !super::number::is_number(bound));
        if let Some(bad) = bad {
            report.fault(inside(place, key), format!("must be a number, found {}", short(&bad)));
        }
    }
    if let (Some(minimum), Some(maximum)) = (&shape.minimum, &shape.maximum)
        && compare(minimum, maximum) == Some(Ordering::Greater)
    {
        let message = format!("is above the maximum {}, so no number fits", short(maximum));
        report.fault(inside(place, "minimum"), message);
        (shape.minimum, shape.maximum) = (None, None);
    }
    if let (Some(min), Some(max)) = (shape.min_length, shape.max_length)
        && min > max
    {
        let message = format!("is above the max_length {max}, so nothing fits");
        report.fault(inside(place, "min_length"), message);
        (shape.min_length, shape.max_length) = (None, None);
    }
}

/// Takes out enumerated values that the rest of the shape does not allow.
fn settle_enum(shape: &mut ValueShape, place: &str, report: &mut Report) {
    let values = core::mem::take(&mut shape.enum_values);
    let mut kept = Vec::with_capacity(values.len());
    for value in values {
        if shape.nullable && value == Value::Null {
            continue;
        }
        match value.clone().checked() {
            Err(error) => report.fault(inside(place, "enum"), error.to_string()),
            Ok(value) if fits(shape, &value) => kept.push(value),
            Ok(value) => report.fault(
                inside(place, "enum"),
                format!("{} is no value that the field may hold", short(&value)),
            ),
        }
    }
    shape.enum_values = kept;
}

/// A field is renamed from names that no other field has or had.
fn settle_renames(fields: &mut BTreeMap<String, FieldDef>, report: &mut Report) {
    let mut taken: BTreeSet<String> = gather(fields.keys().cloned());
    for (name, field) in fields {
        field.renamed_from.retain(|former| {
            let bad = Path::field(former).is_err();
            let shared = field.kind.shared().is_some();
            if !bad && !shared && taken.insert(former.clone()) {
                return true;
            }
            let message = if shared {
                "a field that merges change by change keeps its name".into()
            } else if bad {
                format!("{former:?} cannot have been a field's name")
            } else {
                format!("{former:?} is a field itself, or another field was renamed from it")
            };
            report.fault(format!("fields.{name}.renamed_from"), message);
            false
        });
    }
}

const fn holds_text(field: &FieldDef) -> bool {
    match field.kind {
        FieldKind::Counter | FieldKind::Vector(_) => false,
        FieldKind::Set | FieldKind::List | FieldKind::Text => true,
        FieldKind::Value => matches!(
            field.shape.ty,
            ValueType::Any | ValueType::String | ValueType::Array | ValueType::Object
        ),
    }
}

fn refuse(flag: &mut bool, place: &str, key: &str, message: &str, report: &mut Report) {
    if core::mem::take(flag) {
        report.fault(inside(place, key), message);
    }
}

fn drop_out<T>(part: &mut Option<T>, place: &str, key: &str, message: &str, report: &mut Report) {
    if part.take().is_some() {
        report.fault(inside(place, key), message);
    }
}
