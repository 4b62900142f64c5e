//! Facets and saved queries as JavaScript asks for them.

use crate::convert::{self, Keys, Parameters, object, set};
use crate::database::CoreDatabase;
use crate::error::{Fault, Outcome};
use js_sys::{Array, Object};
use pluresdb::{Facet, FacetQuestion, Path, SavedQuery, SqlValue, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl CoreDatabase {
    /// Counts nodes by fields; `chosen` has pairs of a field and its values. Gives `{ total, facets }`.
    #[expect(clippy::too_many_arguments, reason = "each an option of one object in JavaScript")]
    pub fn facets(
        &self,
        kind: Option<String>,
        filter: Option<String>,
        params: &JsValue,
        search: Option<String>,
        fields: &Array,
        chosen: &Array,
        limit: u32,
    ) -> Outcome<Object> {
        let fields: Vec<Path> =
            fields.iter().map(|field| convert::path(&field)).collect::<Result<_, _>>()?;
        let chosen: Vec<(Path, Vec<Value>)> = chosen
            .iter()
            .map(|pair| {
                let pair: Array = pair.into();
                Ok::<_, Fault>((convert::path(&pair.get(0))?, convert::values(&pair.get(1))?))
            })
            .collect::<Result<_, _>>()?;
        let params = Parameters::read(params)?.by_place()?;
        let found = self.reading()?.facets(&FacetQuestion {
            kind: kind.as_deref(),
            filter: filter.as_deref(),
            params: &params,
            search: search.as_deref(),
            fields: &fields,
            chosen: &chosen,
            limit: limit as usize,
        })?;
        let mut keys = Keys::default();
        let facets: Array = found.facets.iter().map(|found| facet(found, &mut keys)).collect();
        Ok(object(&[("total", count(found.total)), ("facets", facets.into())]))
    }

    /// Saves a query.
    #[wasm_bindgen(js_name = saveQuery)]
    pub fn save_query(
        &self,
        name: String,
        sql: String,
        params: &JsValue,
        description: String,
    ) -> Outcome<()> {
        let params = convert::optional_data(params)?;
        let query = SavedQuery { name, sql, params, description };
        Ok(self.open()?.save_query(&query)?)
    }

    /// All saved queries, as `{ name, sql, params, description }`.
    #[wasm_bindgen(js_name = savedQueries)]
    pub fn saved_queries(&self) -> Outcome<Array> {
        let queries = self.reading()?.saved_queries()?;
        let mut keys = Keys::default();
        Ok(convert::list(&queries, &mut keys, |query, keys| {
            let params = convert::value(&Value::Object(query.params.clone()), keys);
            object(&[
                ("name", query.name.as_str().into()),
                ("sql", query.sql.as_str().into()),
                ("params", params),
                ("description", query.description.as_str().into()),
            ])
        }))
    }

    /// Removes a saved query; false when there was none.
    #[wasm_bindgen(js_name = removeQuery)]
    pub fn remove_query(&self, name: &str) -> Outcome<bool> {
        Ok(self.open()?.remove_query(name)?)
    }

    /// Runs a saved query; gives `{ columns, rows }`.
    #[wasm_bindgen(js_name = runSaved)]
    pub fn run_saved(&self, name: &str, params: &JsValue) -> Outcome<Object> {
        let given = Parameters::read(params)?.by_name()?;
        let rows = self.reading()?.run_saved(name, &borrowed(&given))?;
        Ok(convert::table(&rows.columns, &rows.rows))
    }

    /// Subscribes to a saved query, as to a statement.
    #[wasm_bindgen(js_name = subscribeSaved)]
    pub fn subscribe_saved(&self, name: &str, params: &JsValue) -> Outcome<Object> {
        let given = Parameters::read(params)?.by_name()?;
        let (subscription, rows) = self.open()?.subscribe_saved(name, &borrowed(&given))?;
        let object = convert::table(&rows.columns, &rows.rows);
        set(&object, &"subscription".into(), &count(subscription.number()));
        Ok(object)
    }
}

fn facet(facet: &Facet, keys: &mut Keys) -> JsValue {
    let field: Array = facet.field.keys().map(JsValue::from).collect();
    let values: Array = facet
        .values
        .iter()
        .map(|(value, nodes)| {
            let value = convert::value(value, keys);
            JsValue::from(object(&[("value", value), ("count", count(*nodes))]))
        })
        .collect();
    let field = if field.length() == 1 { field.get(0) } else { field.into() };
    object(&[("field", field), ("values", values.into()), ("more", facet.more.into())]).into()
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn count(number: u64) -> JsValue {
    (number as f64).into()
}

fn borrowed(given: &[(String, SqlValue)]) -> Vec<(&str, SqlValue)> {
    given.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
}
