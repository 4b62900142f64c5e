//! The nodes whose vectors are nearest to one.

use super::projection::{read, vectors};
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::meaning::Meaning;
use crate::engine::query::reader::Reader;
use crate::engine::query::statement::Statement;
use crate::engine::query::text::Hit;
use crate::types::{Metric, Vector};
use crate::vectors::Query;
use hashbrown::HashSet;

/// What is near to what.
#[derive(Debug, Clone, Copy)]
pub enum Near<'a> {
    /// To this vector.
    Vector(&'a [f32]),
    /// To the vector of the node of this id in the same field; the node itself is not found.
    Node(&'a str),
    /// To the vector that a model made of a text. Vectors that other models made are not compared with.
    Meaning(Meaning<'a>),
}

impl<'a, V: AsRef<[f32]> + ?Sized> From<&'a V> for Near<'a> {
    fn from(vector: &'a V) -> Self {
        Self::Vector(vector.as_ref())
    }
}

/// A field, and how its vectors are compared.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct Sought<'a> {
    pub(in crate::engine) kind: &'a str,
    pub(in crate::engine) field: &'a str,
    pub(in crate::engine) metric: Metric,
    pub(in crate::engine) dimension: usize,
}

/// Which vectors of a field may be found.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Sieve<'a> {
    /// Those in nodes, and those made by this model; by any, where none is named.
    pub(in crate::engine) model: Option<&'a str>,
    /// Those of nodes that meet a condition.
    pub(in crate::engine) condition: Option<&'a Statement<'a>>,
    /// Those of the nodes of these numbers.
    pub(in crate::engine) within: Option<Vec<i64>>,
}

/// A vector that was found.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Found {
    pub(in crate::engine) nid: i64,
    pub(in crate::engine) id: String,
    pub(in crate::engine) score: f64,
}

/// A vector, and the model that made it where it does not stand in a node.
type Standing = (Vec<f32>, Option<String>);

/// How many times as many candidates are looked at, where none was found among them.
const WIDER: usize = 8;

/// Up to so many candidates, and up to this part of all, are asked whether they meet a condition; where
/// more would have to be, it is computed for all nodes at once, which may use an index.
const LEAST_ASKED: usize = 4_000;
const PART_ASKED: usize = 8;

/// How many candidates to look at next: as many as hold what is wanted, if the share goes on like this.
fn wider(count: usize, wanted: usize, found: usize, seen: usize) -> usize {
    let next = match seen.saturating_mul(wanted).checked_div(found) {
        Some(share) => share.saturating_add(share / 4),
        None => count.saturating_mul(WIDER),
    };
    next.max(count.saturating_mul(2))
}

impl Database {
    /// The nodes of a type whose vectors in a field are nearest, the nearest first: those in nodes and
    /// those made of texts alike. `filter` is a condition of SQL over the type's view, with its values.
    ///
    /// The score is higher the nearer: the cosine, the dot product, or minus the distance, as the
    /// field's metric says. It is computed from the vectors themselves; a short code of each finds
    /// which are compared, so in large fields one of the last of those asked for may be missed. A
    /// filter loses none: `limit` nodes that meet it are found where there are so many.
    ///
    /// ```
    /// use pluresdb::types::{FieldDef, Metric, TypeDef};
    /// use pluresdb::{Database, Statement, Value, object};
    ///
    /// let mut db = Database::memory()?;
    /// db.define_type(&TypeDef::new("Place").with("at", FieldDef::vector(2, Metric::L2)))?;
    /// for (id, at, open) in [("bar", [0, 0], true), ("inn", [3, 4], false), ("zoo", [6, 8], true)] {
    ///     let at = Value::Array(at.map(Value::from).to_vec());
    ///     db.put(id, "Place", object([("at", at), ("open", open.into())]))?;
    /// }
    /// let hits = db.nearest("Place", "at", &[3.0, 4.5], 1, None)?;
    /// assert_eq!((hits[0].node.id.as_str(), hits[0].score), ("inn", -0.5));
    /// let open = Statement::new("open");
    /// assert_eq!(db.nearest("Place", "at", &[3.0, 4.5], 1, Some(&open))?[0].node.id, "zoo");
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoVectorField`] where the type declares no such field, [`Error::NoVector`] where a node
    /// to be near to has none, [`Error::Vector`] for what is no vector of the field, and what the filter
    /// meets: [`Error::Sql`], [`Error::ReadOnly`].
    pub fn nearest<'a>(
        &self,
        kind: &str,
        field: &str,
        near: impl Into<Near<'a>>,
        limit: usize,
        filter: Option<&Statement<'_>>,
    ) -> Result<Vec<Hit>, Error> {
        let reader = self.reader();
        // The index, the rows and the nodes are of one state.
        let _snapshot = reader.snapshot()?;
        let sieve = Sieve { condition: filter, ..Sieve::default() };
        let found = reader.near(kind, field, near.into(), limit, sieve)?;
        reader.hits(found.into_iter().map(|found| (found.nid, found.score)).collect())
    }

    /// The vector that a node has in a field, its own or one made of its texts, if it has one.
    pub fn vector(&self, id: &str, field: &str) -> Result<Option<Vec<f32>>, Error> {
        Ok(self.reader().vector_of(id, field)?.map(|(vector, _)| vector))
    }
}

impl Reader<'_> {
    /// Finds what is near, without reading the nodes.
    pub(super) fn near(
        &self,
        kind: &str,
        field: &str,
        near: Near<'_>,
        limit: usize,
        sieve: Sieve<'_>,
    ) -> Result<Vec<Found>, Error> {
        let declared = self.vector_field(kind, field)?;
        let dimension = declared.dimension as usize;
        let sought = Sought { kind, field, metric: declared.metric, dimension };
        let query = |vector: &[f32]| Query::new(sought.metric, dimension, vector);
        match near {
            Near::Vector(vector) => self.ranked(&sought, &query(vector)?, limit, sieve),
            Near::Meaning(Meaning { model, vector }) => {
                let sieve = Sieve { model: Some(model), ..sieve };
                self.ranked(&sought, &query(vector)?, limit, sieve)
            }
            Near::Node(id) => {
                let Some((vector, model)) = self.vector_of(id, field)? else {
                    let (id, field) = (id.to_owned(), field.to_owned());
                    return Err(match self.get(&id)? {
                        Some(_) => Error::NoVector { id, field },
                        None => Error::NotFound { id },
                    });
                };
                let sieve = Sieve { model: model.as_deref(), ..sieve };
                // The node itself is among them.
                let most = limit.saturating_add(1);
                let mut found = self.ranked(&sought, &query(&vector)?, most, sieve)?;
                found.retain(|found| found.id != id);
                found.truncate(limit);
                Ok(found)
            }
        }
    }

    /// The nearest vectors of a field that a sieve lets through, the nearest first; equally near ones in
    /// the order of their ids.
    pub(in crate::engine) fn ranked(
        &self,
        sought: &Sought<'_>,
        query: &Query,
        limit: usize,
        sieve: Sieve<'_>,
    ) -> Result<Vec<Found>, Error> {
        let Sieve { model, condition, mut within } = sieve;
        // Codes tell the order of neighbours not quite exactly, so some more are compared.
        let wanted = limit.saturating_mul(2).saturating_add(10);
        let (mut count, mut unasked) = (wanted, condition);
        let (mut seen, mut found) = (HashSet::new(), Vec::new());
        if limit == 0 {
            return Ok(found);
        }
        loop {
            let (mut candidates, of) = self.candidates(sought, query, count, within.as_deref())?;
            // Fewer than asked for are all that there are.
            let all = candidates.len() < count;
            candidates.retain(|nid| seen.insert(*nid));
            let mut some = self.score_each(sought, query, model, &candidates)?;
            if let Some(condition) = unasked {
                let ids: Vec<&str> = some.iter().map(|found| found.id.as_str()).collect();
                let met = self.meet_of(sought.kind, condition, &ids)?;
                some.retain(|found| met.contains(&found.id));
            }
            found.append(&mut some);
            if all || found.len() >= wanted {
                found.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
                found.truncate(limit);
                return Ok(found);
            }
            count = wider(count, wanted, found.len(), seen.len());
            let few = LEAST_ASKED.max(of / PART_ASKED);
            if let Some(condition) = unasked.take_if(|_| count > few) {
                within = Some(self.all_that_meet(sought.kind, condition)?);
                count = wanted;
                seen.clear();
                found.clear();
            }
        }
    }

    fn candidates(
        &self,
        sought: &Sought<'_>,
        query: &Query,
        count: usize,
        within: Option<&[i64]>,
    ) -> Result<(Vec<i64>, usize), Error> {
        let (conn, mut held) = (self.conn, self.sql.held.borrow_mut());
        match self.uncommitted {
            true => held.candidates_uncommitted(conn, sought, query, count, within),
            false => held.candidates(conn, sought, query, count, within),
        }
    }

    /// Compares some vectors of a field exactly. Those whose rows are gone, and those of other models
    /// than the one named, are left out.
    pub(in crate::engine) fn score_each(
        &self,
        sought: &Sought<'_>,
        query: &Query,
        model: Option<&str>,
        nids: &[i64],
    ) -> Result<Vec<Found>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT v.vector, n.id, ?4 IS NULL OR v.source IS NULL OR v.model = ?4
             FROM pdb_vector AS v JOIN pdb_node AS n USING (nid)
             WHERE v.nid = ?1 AND v.field = ?2 AND v.type = ?3 AND v.vector IS NOT NULL AND n.alive",
        )?;
        let mut found = Vec::with_capacity(nids.len());
        let mut gone = Vec::new();
        let mut vector = Vec::with_capacity(sought.dimension);
        for nid in nids {
            let mut rows = statement.query((nid, sought.field, sought.kind, model))?;
            let Some(row) = rows.next()? else {
                gone.push(*nid);
                continue;
            };
            if row.get(2)? {
                read(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?, &mut vector);
                found.push(Found { nid: *nid, id: row.get(1)?, score: query.score(&vector) });
            }
        }
        if !self.uncommitted {
            self.sql.held.borrow_mut().remove(sought, &gone);
        }
        Ok(found)
    }

    /// A node's vector, and the model that made it, where it does not stand in the node.
    fn vector_of(&self, id: &str, field: &str) -> Result<Option<Standing>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT v.vector, v.model FROM pdb_vector AS v JOIN pdb_node AS n USING (nid)
             WHERE n.id = ?1 AND v.field = ?2 AND v.vector IS NOT NULL",
        )?;
        let mut rows = statement.query((id, field))?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let mut vector = Vec::new();
        read(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?, &mut vector);
        Ok(Some((vector, row.get(1)?)))
    }

    /// What a type's definition says of a vector field, as it is in the tables now.
    fn vector_field(&self, kind: &str, field: &str) -> Result<Vector, Error> {
        let types = self.types()?;
        let typed = types.get(kind).map(AsRef::as_ref);
        let declared = || typed.into_iter().flat_map(vectors);
        let found = declared().find(|(name, _)| *name == field);
        found.map(|(_, vector)| vector.clone()).ok_or_else(|| Error::NoVectorField {
            kind: kind.to_owned(),
            field: field.to_owned(),
            declared: declared().map(|(name, _)| name.clone()).collect(),
        })
    }
}
