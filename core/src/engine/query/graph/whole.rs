//! What only the whole graph tells: which nodes hang together, and how they rank.

use super::answers::{Components, PageRanks};
use super::hops::{Hops, json};
use super::options::{RankOptions, Walk};
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::reader::Reader;
use crate::graph::{self, Bound, Csr, Source};
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// The graph in memory, with the ids of its nodes.
struct Whole {
    ids: Vec<String>,
    graph: Csr,
    stopped: Option<Bound>,
}

impl Database {
    /// Which nodes hang together, whichever way their edges point. `direction` and `depth` of the walk do
    /// not matter.
    ///
    /// # Errors
    /// [`Error::Sql`] for a filter that SQLite does not take.
    pub fn components(&self, walk: &Walk) -> Result<Components, Error> {
        self.reader().components(walk)
    }

    /// How much nodes are pointed to by nodes that are pointed to, along the direction of edges.
    ///
    /// # Errors
    /// [`Error::Option`] for a damping or a tolerance that cannot be, [`Error::Sql`] for a filter that
    /// SQLite does not take.
    pub fn pagerank(&self, options: &RankOptions) -> Result<PageRanks, Error> {
        self.reader().pagerank(options)
    }
}

impl Reader<'_> {
    /// See [`Database::components`].
    pub(super) fn components(&self, walk: &Walk) -> Result<Components, Error> {
        let Whole { ids, graph, stopped } = self.load(walk)?;
        let mut members: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for (id, least) in ids.into_iter().zip(graph::components(&graph)) {
            members.entry(least).or_default().push(id);
        }
        let mut components: Vec<_> = members.into_values().collect();
        components.iter_mut().for_each(|ids| ids.sort_unstable());
        components.sort_by(|one, other| {
            other.len().cmp(&one.len()).then_with(|| one.first().cmp(&other.first()))
        });
        Ok(Components { components, stopped })
    }

    /// See [`Database::pagerank`].
    pub(super) fn pagerank(&self, options: &RankOptions) -> Result<PageRanks, Error> {
        options.check()?;
        let Whole { ids, graph, stopped } = self.load(&options.walk)?;
        let found = graph::pagerank(&graph, options.rank);
        let mut ranks: Vec<(String, f64)> = ids.into_iter().zip(found.ranks).collect();
        ranks.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        let (iterations, converged) = (found.iterations, found.converged);
        Ok(PageRanks { ranks, iterations, converged, stopped })
    }

    /// Reads the nodes and edges that a walk means, through indexes that hold all that is needed.
    fn load(&self, walk: &Walk) -> Result<Whole, Error> {
        let _snapshot = self.snapshot()?;
        let mut source = Hops::new(*self, walk, None)?;
        let mut whole = Whole { ids: Vec::new(), graph: Csr::default(), stopped: None };
        let mut numbers: HashMap<i64, u32> = HashMap::new();
        let mut statement = self
            .conn
            .prepare_cached("SELECT nid, id FROM pdb_node INDEXED BY pdb_node_type WHERE alive")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let nid = row.get(0)?;
            if !source.admits(nid)? {
                continue;
            }
            if whole.ids.len() == walk.limits.nodes {
                whole.stopped = Some(Bound::Nodes);
                break;
            }
            numbers.insert(nid, whole.ids.len() as u32);
            whole.ids.push(row.get(1)?);
        }
        let mut statement = self.conn.prepare_cached(
            "SELECT source, target FROM pdb_edge INDEXED BY pdb_edge_in
             WHERE alive AND (?1 = '[]' OR label IN (SELECT value FROM json_each(?1)))",
        )?;
        let mut rows = statement.query([json(&walk.labels)])?;
        let mut edges = Vec::new();
        while let Some(row) = rows.next()? {
            // The ends that do not exist or do not count have no number.
            let (source, target): (i64, i64) = (row.get(0)?, row.get(1)?);
            let ends = (numbers.get(&source), numbers.get(&target));
            if let (Some(source), Some(target)) = ends {
                if edges.len() == walk.limits.edges {
                    whole.stopped.get_or_insert(Bound::Edges);
                    break;
                }
                edges.push((*source, *target));
            }
        }
        whole.graph = Csr::new(whole.ids.len() as u32, &edges);
        Ok(whole)
    }
}
