//! What a type says of its nodes: its fields, their kinds, and the values that they may hold.
//!
//! These are plain parts that anyone may put together; [`TypeDef::check`] says whether they fit.

use crate::model::{Map, SharedKind, Value, gather};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// The type of the nodes that hold definitions.
pub const TYPE_OF_TYPES: &str = "$type";

/// Most numbers in a vector.
pub const MAX_DIMENSION: u32 = 8192;

/// Greatest number in a vector, and minus the least: beyond it, squares and their sums would leave what
/// 32 bits can hold.
pub const MAX_VECTOR_NUMBER: f64 = 1.0e15;

/// Deepest nesting of fields and items in one definition.
pub const MAX_SHAPE_DEPTH: usize = 16;

/// The definition of a type.
///
/// ```
/// use pluresdb::types::{FieldDef, TypeDef, ValueType};
///
/// let note = TypeDef::new("Note")
///     .with("title", FieldDef::of(ValueType::String).required().indexed())
///     .with("body", FieldDef::text());
/// assert!(note.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TypeDef {
    /// The type's name.
    pub name: String,
    /// What it is, for people.
    pub description: Option<String>,
    /// Its top-level fields.
    pub fields: BTreeMap<String, FieldDef>,
    /// Whether a node may have no other fields.
    pub closed: bool,
    /// The language of its texts, as a BCP 47 tag of one of [`Language`](super::Language), or none.
    pub language: Option<String>,
    /// Which version of the definition this is, counted from 1; 0 where versions are not counted. A
    /// version does not replace a later one.
    pub version: u64,
    /// What was not understood of the definition, kept as it is: keys of later versions.
    pub other: Map,
}

/// The definition of a field.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FieldDef {
    /// How concurrent changes merge.
    pub kind: FieldKind,
    /// The values that it may hold.
    pub shape: ValueShape,
    /// Whether every node must have it.
    pub required: bool,
    /// What it holds where nothing was written.
    pub default: Option<Value>,
    /// Whether queries by it use an index.
    pub indexed: bool,
    /// Whether two nodes of one value are worth a warning.
    pub unique: bool,
    /// Whether and how much it counts in searches by words.
    pub full_text: Option<FullText>,
    /// Names that it had before.
    pub renamed_from: Vec<String>,
}

/// How concurrent changes of a field merge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FieldKind {
    /// The later write wins; objects merge key by key.
    #[default]
    Value,
    /// Increments add up.
    Counter,
    /// Values without order or repetition; an add wins over a concurrent remove.
    Set,
    /// A text; every insert and delete is kept.
    Text,
    /// A list; every insert and delete is kept.
    List,
    /// Numbers for search by meaning; the later write wins.
    Vector(Vector),
}

/// The numbers of a vector field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vector {
    /// How many there are: 1 to [`MAX_DIMENSION`].
    pub dimension: u32,
    /// How near two vectors are.
    pub metric: Metric,
    /// The fields whose texts the vector is made of.
    pub embed_from: Vec<String>,
}

/// How near two vectors are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Metric {
    /// By the angle between them.
    #[default]
    Cosine,
    /// By their dot product.
    Dot,
    /// By the distance of their ends.
    L2,
}

/// How a field counts in searches by words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FullText {
    /// How much a word found here counts; 1 unless told otherwise.
    pub weight: f64,
    /// What is looked for in it.
    pub tokens: Tokens,
}

/// What a text is cut into to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tokens {
    /// Words: found whole, by their beginnings, and in the language of the type by other forms.
    #[default]
    Words,
    /// Every three characters, so that any part of at least three is found: in names of things, in code.
    Trigram,
}

impl Default for FullText {
    fn default() -> Self {
        Self { weight: 1.0, tokens: Tokens::Words }
    }
}

/// The values that a field, or an element of a list, may hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ValueShape {
    /// Their type.
    pub ty: ValueType,
    /// What they are, for people.
    pub description: Option<String>,
    /// Whether null is one of them. [`ValueType::Any`] includes it.
    pub nullable: bool,
    /// The only ones, unless empty.
    pub enum_values: Vec<Value>,
    /// The least number.
    pub minimum: Option<Value>,
    /// The greatest number.
    pub maximum: Option<Value>,
    /// The least number of characters, bytes or elements.
    pub min_length: Option<u64>,
    /// The greatest number of characters, bytes or elements.
    pub max_length: Option<u64>,
    /// What each element of a list is.
    pub items: Option<Box<Self>>,
    /// The fields of an object.
    pub fields: BTreeMap<String, FieldDef>,
    /// Whether the object may have no others.
    pub closed: bool,
    /// What was not understood of the definition, kept as it is: keys of later versions.
    pub other: Map,
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValueType {
    /// Whatever it is.
    #[default]
    Any,
    /// Text.
    String,
    /// A whole number, however it is spelled.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Raw bytes.
    Bytes,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl TypeDef {
    /// A type without fields.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The type with one more field.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, field: FieldDef) -> Self {
        self.fields.insert(name.into(), field);
        self
    }

    /// The type as this version of its definition.
    #[must_use]
    pub const fn version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }

    /// The id of the node that holds the definition of the type of this name.
    #[must_use]
    pub fn node_id(name: &str) -> String {
        alloc::format!("{TYPE_OF_TYPES}/{name}")
    }

    /// The name of the type that the node of this id defines.
    #[must_use]
    pub fn name_in(node_id: &str) -> Option<&str> {
        node_id.strip_prefix(TYPE_OF_TYPES)?.strip_prefix('/')
    }
}

impl FieldDef {
    /// A plain field.
    #[must_use]
    pub fn of(ty: ValueType) -> Self {
        Self::shaped(FieldKind::Value, ty)
    }

    /// A plain field that holds an object of these fields.
    #[must_use]
    pub fn object<const N: usize>(fields: [(&str, Self); N]) -> Self {
        let mut field = Self::of(ValueType::Object);
        field.shape.fields =
            gather(fields.into_iter().map(|(name, field)| (String::from(name), field)));
        field
    }

    /// A counter.
    #[must_use]
    pub fn counter() -> Self {
        Self::of_kind(FieldKind::Counter)
    }

    /// A set.
    #[must_use]
    pub fn set() -> Self {
        Self::of_kind(FieldKind::Set)
    }

    /// A text that merges.
    #[must_use]
    pub fn text() -> Self {
        Self::of_kind(FieldKind::Text)
    }

    /// A list that merges.
    #[must_use]
    pub fn list() -> Self {
        Self::of_kind(FieldKind::List)
    }

    /// A vector of so many numbers.
    #[must_use]
    pub fn vector(dimension: u32, metric: Metric) -> Self {
        Self::of_kind(FieldKind::Vector(Vector { dimension, metric, embed_from: Vec::new() }))
    }

    fn of_kind(kind: FieldKind) -> Self {
        let ty = kind.value_type();
        Self::shaped(kind, ty)
    }

    fn shaped(kind: FieldKind, ty: ValueType) -> Self {
        Self { kind, shape: ValueShape { ty, ..ValueShape::default() }, ..Self::default() }
    }

    /// The field, in every node.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The field, holding this where nothing was written.
    #[must_use]
    pub fn default_to(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(value.into());
        self
    }

    /// The field, with an index.
    #[must_use]
    pub const fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    /// The field, with a warning where two nodes have one value.
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// The field, found by its words, which count this much.
    #[must_use]
    pub const fn full_text(mut self, weight: f64) -> Self {
        self.full_text = Some(FullText { weight, tokens: Tokens::Words });
        self
    }

    /// The field, found by any part of it that has three characters or more, which counts this much.
    #[must_use]
    pub const fn full_text_parts(mut self, weight: f64) -> Self {
        self.full_text = Some(FullText { weight, tokens: Tokens::Trigram });
        self
    }

    /// The field, which had this name before.
    #[must_use]
    pub fn renamed_from(mut self, name: impl Into<String>) -> Self {
        self.renamed_from.push(name.into());
        self
    }

    /// The field, whose values are shaped by a function.
    #[must_use]
    pub fn shaped_by(mut self, shape: impl FnOnce(&mut ValueShape)) -> Self {
        shape(&mut self.shape);
        self
    }
}

impl FieldKind {
    /// How it merges, where that is more than the last write.
    #[must_use]
    pub const fn shared(&self) -> Option<SharedKind> {
        match self {
            Self::Value | Self::Vector(_) => None,
            Self::Counter => Some(SharedKind::Counter),
            Self::Set => Some(SharedKind::Set),
            Self::Text => Some(SharedKind::Text),
            Self::List => Some(SharedKind::List),
        }
    }

    /// The type of what readers see of it.
    #[must_use]
    pub const fn value_type(&self) -> ValueType {
        match self {
            Self::Value => ValueType::Any,
            Self::Counter => ValueType::Integer,
            Self::Text => ValueType::String,
            Self::Set | Self::List | Self::Vector(_) => ValueType::Array,
        }
    }
}
