//! The tables of the text index: which there are, and which of them a type's nodes are in.
//!
//! Types that say nothing of their texts share `pdb_text`, with one column of every string. A type that
//! declares fields or a language has tables of its own, one for each way to cut texts, with a column
//! for each field. `pdb_text_table` says which; a row of it changes only together with its table.

use crate::engine::error::Error;
use crate::engine::typing::typed::Typed;
use crate::types::{Language, Tokens};
use rusqlite::Connection;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How a table cuts texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::engine) enum Cut {
    /// Into words.
    Words,
    /// Into words, English ones without their endings.
    English,
    /// Into words of another language, without their endings when they come to the table.
    Stems(Language),
    /// Into every three characters.
    Trigrams,
}

impl Cut {
    /// That of a word in `pdb_text_table`.
    fn of_word(word: &str) -> Option<Self> {
        match word {
            "words" => Some(Self::Words),
            "trigrams" => Some(Self::Trigrams),
            name => Language::of_name(name).map(Self::of_language),
        }
    }

    const fn of_language(language: Language) -> Self {
        match language {
            Language::English => Self::English,
            other => Self::Stems(other),
        }
    }

    /// Its word in `pdb_text_table`.
    pub(in crate::engine) fn word(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::English => Language::English.name(),
            Self::Stems(language) => language.name(),
            Self::Trigrams => "trigrams",
        }
    }

    /// The tokenizer of FTS5.
    pub(in crate::engine) const fn tokenizer(self) -> &'static str {
        match self {
            Self::Words | Self::Stems(_) => "unicode61 remove_diacritics 2",
            Self::English => "porter unicode61 remove_diacritics 2",
            Self::Trigrams => "trigram remove_diacritics 1",
        }
    }
}

/// One table of the text index.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine) struct TextTable {
    /// Its name.
    pub(in crate::engine) name: String,
    pub(in crate::engine) cut: Cut,
    /// The fields of its columns; none where one column has every string.
    pub(in crate::engine) fields: Vec<String>,
    /// How much a word found in each of them counts.
    pub(in crate::engine) weights: Vec<f64>,
    pub(in crate::engine) insert: String,
    pub(in crate::engine) delete: String,
}

/// Fields with their weights. They are columns in the order of their names.
type Fields = BTreeMap<String, f64>;

/// The tables that a node is in, in their order.
pub(in crate::engine) type TextTables = Arc<[TextTable]>;

impl TextTable {
    fn new(name: String, cut: Cut, weighted: Fields) -> Self {
        let (fields, weights): (Vec<String>, Vec<f64>) = weighted.into_iter().unzip();
        let columns: Vec<String> = (0..fields.len().max(1)).map(text_column).collect();
        let values: Vec<String> = (0..columns.len()).map(|at| format!("?{}", at + 2)).collect();
        let insert = format!(
            "INSERT INTO {name} (rowid, {}) VALUES (?1, {})",
            columns.join(", "),
            values.join(", ")
        );
        let delete = format!("DELETE FROM {name} WHERE rowid = ?1");
        Self { name, cut, fields, weights, insert, delete }
    }

    /// The table of the types that have none of their own.
    fn shared() -> Self {
        Self::new("pdb_text".into(), Cut::Words, Fields::new())
    }

    /// A table like it, to be compared with it.
    pub(in crate::engine) fn aside(&self) -> Self {
        let fields = self.fields.iter().cloned().zip(self.weights.iter().copied()).collect();
        Self::new(format!("{}_again", self.name), self.cut, fields)
    }

    /// How many columns it has.
    pub(in crate::engine) fn columns(&self) -> usize {
        self.fields.len().max(1)
    }

    /// Creates it, under its name or in another schema.
    pub(in crate::engine) fn create(&self, conn: &Connection, schema: &str) -> Result<(), Error> {
        let columns: String =
            (0..self.columns()).map(|at| format!("{}, ", text_column(at))).collect();
        let (name, tokenizer) = (&self.name, self.cut.tokenizer());
        // Bytes gathered in memory before a segment is written; the default of 1 MiB makes many small
        // ones.
        conn.execute_batch(&format!(
            "CREATE VIRTUAL TABLE {schema}.{name} USING fts5(
                 {columns}content = '', contentless_delete = 1, tokenize = '{tokenizer}');
             INSERT INTO {schema}.{name} ({name}, rank) VALUES ('hashsize', 8388608);"
        ))?;
        Ok(())
    }

    /// Whether it holds what a definition wants.
    fn fits(&self, (cut, fields): &(Cut, Fields)) -> bool {
        self.cut == *cut && self.fields.iter().eq(fields.keys())
    }

    /// BM25 of a row with the weights of the columns, as a statement that calls the table `alias` has it.
    pub(in crate::engine) fn bm25(&self, alias: &str) -> String {
        let weights: String = self.weights.iter().map(|weight| format!(", {weight:?}")).collect();
        format!("bm25({alias}.{}{weights})", self.name)
    }
}

/// The name of a column.
pub(in crate::engine) fn text_column(at: usize) -> String {
    // Fields bear names that columns of FTS5 cannot.
    if at == 0 { "text".into() } else { format!("text{at}") }
}

/// The tables of the text index by the types that have their own.
#[derive(Debug, Clone)]
pub(in crate::engine) struct TextLayout {
    shared: TextTables,
    own: HashMap<String, TextTables>,
}

impl Default for TextLayout {
    fn default() -> Self {
        Self { shared: Arc::new([TextTable::shared()]), own: HashMap::new() }
    }
}

impl TextLayout {
    /// As the database has it.
    pub(in crate::engine) fn load(conn: &Connection) -> Result<Self, Error> {
        let mut own: HashMap<String, Vec<TextTable>> = HashMap::new();
        let mut statement =
            conn.prepare_cached("SELECT num, type, cut, fields FROM pdb_text_table ORDER BY num")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (cut, fields): (String, String) = (row.get(2)?, row.get(3)?);
            // A row that cannot be read makes no table; a check finds that one is missing.
            if let (Some(cut), Ok(fields)) = (Cut::of_word(&cut), serde_json::from_str(&fields)) {
                let table = TextTable::new(own_name(row.get(0)?), cut, fields);
                own.entry(row.get(1)?).or_default().push(table);
            }
        }
        let own = own.into_iter().map(|(kind, tables)| (kind, tables.into())).collect();
        Ok(Self { own, ..Self::default() })
    }

    /// The tables that nodes of a type are in.
    pub(in crate::engine) fn of(&self, kind: Option<&str>) -> &TextTables {
        kind.and_then(|kind| self.own.get(kind)).unwrap_or(&self.shared)
    }

    /// Whether a type has tables of its own.
    pub(in crate::engine) fn has_own(&self, kind: &str) -> bool {
        self.own.contains_key(kind)
    }

    /// The tables that several types share.
    pub(in crate::engine) const fn shared(&self) -> &TextTables {
        &self.shared
    }

    /// The types that have tables of their own, with them, in the order of their names.
    pub(in crate::engine) fn own(&self) -> Vec<(&String, &TextTables)> {
        let mut own: Vec<_> = self.own.iter().collect();
        own.sort_by_key(|(kind, _)| *kind);
        own
    }

    /// All tables.
    pub(in crate::engine) fn tables(&self) -> impl Iterator<Item = &TextTable> {
        self.shared.iter().chain(self.own.values().flat_map(|tables| tables.iter()))
    }

    /// Whether a type's tables hold what its definition wants; their weights may be others.
    pub(in crate::engine) fn fits(&self, kind: &str, typed: Option<&Typed>) -> bool {
        let wanted = wanted(typed);
        let found = self.own.get(kind).map(|tables| &**tables).unwrap_or_default();
        found.len() == wanted.len()
            && found.iter().zip(&wanted).all(|(table, wanted)| table.fits(wanted))
    }

    /// Whether its weights are those of the definition as well.
    pub(in crate::engine) fn weighs(&self, kind: &str, typed: Option<&Typed>) -> bool {
        let found = self.of(Some(kind)).iter();
        let mut both = found.zip(wanted(typed));
        both.all(|(table, (_, fields))| table.weights.iter().eq(fields.values()))
    }

    /// Gives the tables of a type, which fit, the weights of its definition.
    pub(in crate::engine) fn weigh(
        &mut self,
        conn: &Connection,
        kind: &str,
        typed: Option<&Typed>,
    ) -> Result<(), Error> {
        let wanted = wanted(typed);
        for (cut, fields) in &wanted {
            let sql = "UPDATE pdb_text_table SET fields = ?3 WHERE type = ?1 AND cut = ?2";
            conn.execute(sql, (kind, cut.word(), json(fields)))?;
        }
        *self = Self::load(conn)?;
        Ok(())
    }

    /// Drops the tables of a type and makes those that its definition wants, without rows.
    pub(in crate::engine) fn define(
        &mut self,
        conn: &Connection,
        kind: &str,
        typed: Option<&Typed>,
    ) -> Result<(), Error> {
        for table in self.own.remove(kind).iter().flat_map(|tables| tables.iter()) {
            conn.execute_batch(&format!("DROP TABLE IF EXISTS {}", table.name))?;
        }
        conn.execute("DELETE FROM pdb_text_table WHERE type = ?1", [kind])?;
        let mut tables = Vec::new();
        for (cut, fields) in wanted(typed) {
            conn.execute(
                "INSERT INTO pdb_text_table (type, cut, fields) VALUES (?1, ?2, ?3)",
                (kind, cut.word(), json(&fields)),
            )?;
            let name = own_name(conn.last_insert_rowid());
            conn.execute_batch(&format!("DROP TABLE IF EXISTS {name}"))?;
            let table = TextTable::new(name, cut, fields);
            table.create(conn, "main")?;
            tables.push(table);
        }
        if !tables.is_empty() {
            self.own.insert(kind.to_owned(), tables.into());
        }
        Ok(())
    }
}

fn own_name(num: i64) -> String {
    format!("pdb_text_{num}")
}

fn json(fields: &Fields) -> String {
    let fields: serde_json::Map<String, serde_json::Value> =
        fields.iter().map(|(name, weight)| (name.clone(), (*weight).into())).collect();
    serde_json::Value::from(fields).to_string()
}

/// The tables that a definition wants: how each cuts texts, and its fields.
fn wanted(typed: Option<&Typed>) -> Vec<(Cut, Fields)> {
    let Some(typed) = typed else {
        return Vec::new();
    };
    let language = typed.def.language.as_deref().and_then(Language::of_tag);
    let words = language.map_or(Cut::Words, Cut::of_language);
    let fields = |tokens: Tokens| -> Fields {
        let declared = typed.def.fields.iter().filter_map(|(name, field)| {
            let full_text = field.full_text.filter(|full_text| full_text.tokens == tokens)?;
            Some((name.clone(), full_text.weight))
        });
        declared.collect()
    };
    let mut wanted = vec![(words, fields(Tokens::Words)), (Cut::Trigrams, fields(Tokens::Trigram))];
    wanted.retain(|(_, fields)| !fields.is_empty());
    if wanted.is_empty() && words != Cut::Words {
        wanted.push((words, Fields::new()));
    }
    wanted
}
