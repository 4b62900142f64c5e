//! What is derived from the rows and the log: the text index, the index of changes, the types, the
//! indexes of fields.

use super::{CheckStep, FaultPlace, Faults};
use crate::codec::Frame;
use crate::crypto::SetHash;
use crate::engine::commit::text_index::{each_text, insert_aside};
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::storage::schema::{self, TextTable, TextTables};
use crate::model::Target;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Database {
    pub(in crate::engine) fn check_projections(
        &self,
        faults: &mut Faults<'_>,
    ) -> Result<(), Error> {
        self.check_touches(faults)?;
        self.check_types(faults)?;
        self.check_vectors(faults)?;
        self.check_indexes(faults)?;
        if self.text_index {
            self.check_text(faults)?;
        }
        Ok(())
    }

    fn check_touches(&self, faults: &mut Faults<'_>) -> Result<(), Error> {
        faults.onlooker.begin(CheckStep::Derived, self.records()?)?;
        let mut records = self.conn.prepare("SELECT pos, bytes FROM pdb_record")?;
        let mut touch = self.conn.prepare(
            "SELECT 1 FROM pdb_node AS n WHERE n.id = ?1 AND
               (EXISTS (SELECT 1 FROM pdb_touch AS t WHERE t.nid = n.nid AND t.pos = ?2) OR
                EXISTS (SELECT 1 FROM pdb_touch_recent AS t WHERE t.nid = n.nid AND t.pos = ?2))",
        )?;
        let mut expected = 0_i64;
        let mut rows = records.query([])?;
        while let Some(row) = rows.next()? {
            faults.onlooker.count()?;
            let pos: i64 = row.get(0)?;
            let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            let parts = Frame::read(bytes).and_then(|frame| frame.parts()).unwrap_or_default();
            for part in parts {
                if let Target::Node(id) = part.target {
                    expected += 1;
                    if !touch.exists((&id, pos))? {
                        let what = format!("a change of node {id:?} is not in it");
                        faults.add(FaultPlace::Touches, what);
                    }
                }
            }
        }
        let sql =
            "SELECT (SELECT count(*) FROM pdb_touch) + (SELECT count(*) FROM pdb_touch_recent)";
        let found: i64 = self.conn.query_row(sql, [], |row| row.get(0))?;
        if found > expected {
            let what = format!("it has {found} entries, and the log {expected} changes of nodes");
            faults.add(FaultPlace::Touches, what);
        }
        Ok(())
    }

    fn check_types(&self, faults: &mut Faults<'_>) -> Result<(), Error> {
        let mut statement = self.conn.prepare(
            "SELECT DISTINCT type FROM pdb_node WHERE alive AND type IS NOT NULL
             EXCEPT SELECT type FROM pdb_type",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            faults
                .add(FaultPlace::Types, format!("type {:?} is missing", row.get::<_, String>(0)?));
        }
        let mut statement = self.conn.prepare(
            "SELECT DISTINCT n.type, j.key FROM pdb_node AS n, json_each(n.data) AS j
             WHERE n.alive AND json_valid(n.data) EXCEPT SELECT type, field FROM pdb_type_field",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, field): (String, String) = (row.get(0)?, row.get(1)?);
            faults.add(FaultPlace::Types, format!("field {field:?} of type {kind:?} is missing"));
        }
        let mut statement = self.conn.prepare("SELECT type FROM pdb_type")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let kind: String = row.get(0)?;
            let typed = self.cache.types.get(&kind).map(AsRef::as_ref);
            if !schema::has_view(&self.conn, &kind, typed)? {
                let what = format!("the view of type {kind:?} is not as its fields are");
                faults.add(FaultPlace::Types, what);
            }
        }
        Ok(())
    }

    /// That each index of a field is there; what is in it SQLite checks with the file.
    fn check_indexes(&self, faults: &mut Faults<'_>) -> Result<(), Error> {
        let (missing, unwanted) = schema::misplaced_indexes(&self.conn, &self.cache.types)?;
        for sql in missing {
            // The name is what stands between the first quotation marks.
            let name = sql.split('"').nth(1).unwrap_or_default().to_owned();
            faults.add(FaultPlace::Index(name), "a definition wants it, and it is not there");
        }
        for name in unwanted {
            faults.add(FaultPlace::Index(name), "no definition wants it as it is");
        }
        Ok(())
    }

    /// Indexes all nodes anew, on the side, and compares word by word.
    fn check_text(&self, faults: &mut Faults<'_>) -> Result<(), Error> {
        let layout = &self.cache.text;
        let kinds = self.cache.types.keys().chain(layout.own().into_iter().map(|(kind, _)| kind));
        for kind in kinds.collect::<BTreeSet<_>>() {
            let typed = self.cache.types.get(kind).map(AsRef::as_ref);
            if !layout.fits(kind, typed) || !layout.weighs(kind, typed) {
                let what = format!("its tables for type {kind:?} are not as the definition says");
                faults.add(FaultPlace::Text, what);
            }
        }
        let alive = "SELECT count(*) FROM pdb_node WHERE alive";
        let alive: i64 = self.conn.query_row(alive, [], |row| row.get(0))?;
        faults.onlooker.begin(CheckStep::Words, alive as u64)?;
        self.check_tables(layout.shared(), None, faults)?;
        for (kind, tables) in layout.own() {
            self.check_tables(tables, Some(kind), faults)?;
        }
        Ok(())
    }

    /// Does so with the tables of a type, or with those that types share.
    fn check_tables(
        &self,
        tables: &TextTables,
        kind: Option<&str>,
        faults: &mut Faults<'_>,
    ) -> Result<(), Error> {
        self.conn.execute_batch("DROP TABLE IF EXISTS temp.pdb_words_there")?;
        let aside: Vec<TextTable> = tables.iter().map(TextTable::aside).collect();
        for TextTable { name, .. } in &aside {
            self.conn.execute_batch(&format!("DROP TABLE IF EXISTS temp.{name}"))?;
        }
        aside.iter().try_for_each(|table| table.create(&self.conn, "temp"))?;
        each_text(&self.conn, &self.cache.text, kind, |nid, of, texts| {
            if !Arc::ptr_eq(of, tables) {
                return Ok(());
            }
            // Nodes of a type with tables of its own come again, for these.
            faults.onlooker.count()?;
            insert_aside(&self.conn, &aside, nid, &texts)
        })?;
        faults.onlooker.begin(CheckStep::Text, 0)?;
        for (table, again) in tables.iter().zip(&aside) {
            let stored = self.words("main", table, faults);
            faults.onlooker.go_on()?;
            let again = self.words("temp", again, faults);
            let what = match (stored, again?) {
                (Ok(stored), again) if stored == again => continue,
                (Ok(_), _) => "it does not hold the words of the nodes".into(),
                (Err(error), _) => error.to_string(),
            };
            faults.add(FaultPlace::Text, what);
        }
        for TextTable { name, .. } in &aside {
            self.conn.execute_batch(&format!("DROP TABLE temp.{name}"))?;
        }
        Ok(())
    }

    /// A hash of every word of a text index, with the nodes and places where it stands.
    fn words(
        &self,
        database: &str,
        table: &TextTable,
        faults: &mut Faults<'_>,
    ) -> Result<SetHash, Error> {
        self.conn.execute_batch(&format!(
            "CREATE VIRTUAL TABLE temp.pdb_words_there
             USING fts5vocab('{database}', '{}', 'instance')",
            table.name
        ))?;
        let mut read = || {
            let mut hash = SetHash::default();
            let mut statement =
                self.conn.prepare("SELECT term, doc, col, offset FROM temp.pdb_words_there")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                faults.onlooker.count()?;
                let doc: i64 = row.get(1)?;
                let term = row.get_ref(0)?.as_bytes().map_err(rusqlite::Error::from)?;
                let column = row.get_ref(2)?.as_bytes().map_err(rusqlite::Error::from)?;
                let offset: i64 = row.get(3)?;
                hash.add(&[term, &doc.to_le_bytes(), column, &offset.to_le_bytes()]);
            }
            Ok(hash)
        };
        let hash = read();
        self.conn.execute_batch("DROP TABLE temp.pdb_words_there")?;
        hash
    }
}
