//! What the browser knows: the query, the order, the rows that match, and the selected one.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::domain::catalog::{Catalog, Model};
use crate::domain::find::Finder;
use crate::domain::id::ModelId;
use crate::tui::action::Context;
use crate::tui::cursor::Cursor;
use crate::tui::widgets::Field;

use super::offers::Offers;
use super::order::{self, Sort};

/// The state of the pane.
#[derive(Debug)]
pub struct Browser {
    /// The catalogue that the rows are of.
    pub(super) catalog: Arc<Catalog>,
    pub(super) field: Field,
    /// Whether keys type into the field.
    pub(super) typing: bool,
    pub(super) sort: Sort,
    pub(super) reversed: bool,
    /// Whether ids for batches are listed.
    pub(super) batch: bool,
    /// Indices of the models in view, in their order.
    pub(super) rows: Vec<u32>,
    /// Batch ids that match but are not listed.
    pub(super) hidden: usize,
    pub(super) cursor: Cursor,
    pub(super) details: bool,
    pub(super) scroll: Scroll,
    pub(super) offers: Offers,
    /// The place of each model in the order chosen.
    ranks: Vec<u32>,
    search: Search,
}

/// How far the details are scrolled.
#[derive(Clone, Debug, Default)]
pub(super) struct Scroll {
    pub top: usize,
    /// The furthest that makes sense: noted when drawing, read by the next step, never by drawing
    /// itself.
    pub most: Cell<usize>,
}

/// The finder with its buffers, made at the first search: an empty browser costs nothing.
#[derive(Default)]
struct Search(Option<Finder>);

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Search")
    }
}

impl Default for Browser {
    fn default() -> Browser {
        Browser {
            catalog: Arc::default(),
            field: Field::default(),
            typing: false,
            sort: Sort::default(),
            reversed: false,
            batch: false,
            rows: Vec::new(),
            hidden: 0,
            cursor: Cursor::default(),
            details: true,
            scroll: Scroll::default(),
            offers: Offers::default(),
            ranks: Vec::new(),
            search: Search::default(),
        }
    }
}

impl Browser {
    /// Where keys are looked up: the list, or its query field.
    pub fn context(&self) -> Context {
        if self.typing { Context::Query } else { Context::Models }
    }

    pub fn selected(&self) -> Option<ModelId> {
        self.model().map(|model| model.id.clone())
    }

    /// When [`Browser::tick`] is wanted: the selection will have rested.
    pub fn wakes_at(&self) -> Option<Instant> {
        self.offers.due()
    }

    /// The selected model.
    pub(super) fn model(&self) -> Option<&Arc<Model>> {
        self.row(self.cursor.selected())
    }

    /// The model in a line of the list.
    pub(super) fn row(&self, line: usize) -> Option<&Arc<Model>> {
        let index = *self.rows.get(line)?;
        self.catalog.models().get(index as usize)
    }

    /// Takes another catalogue; the selection stays on its model.
    pub(super) fn swap(&mut self, catalog: &Arc<Catalog>) {
        let selected = self.selected();
        self.catalog = Arc::clone(catalog);
        self.rank();
        self.find();
        self.select(selected.as_ref());
    }

    /// Orders all models anew.
    pub(super) fn rank(&mut self) {
        self.ranks = order::ranks(self.catalog.models(), self.sort, self.reversed);
    }

    /// Finds the rows of the query, in the order chosen.
    pub(super) fn find(&mut self) {
        let models = self.catalog.models();
        let finder = self.search.0.get_or_insert_with(Finder::new);
        let hits = finder.find(self.field.text(), models);
        let mut rows: Vec<u32> = hits.iter().map(|hit| order::number(hit.index)).collect();
        let found = rows.len();
        if !self.batch {
            rows.retain(|at| !models[*at as usize].is_batch());
        }
        self.hidden = found - rows.len();
        match (self.sort, self.reversed) {
            (Sort::Relevance, false) => {}
            (Sort::Relevance, true) => rows.reverse(),
            (Sort::Price | Sort::Context | Sort::Newest | Sort::Name, _) => {
                let ranks = &self.ranks;
                rows.sort_unstable_by_key(|at| ranks[*at as usize]);
            }
        }
        self.rows = rows;
    }

    /// Selects this model if it is listed, else stays as near as there are lines.
    pub(super) fn select(&mut self, model: Option<&ModelId>) {
        let models = self.catalog.models();
        let line =
            model.and_then(|id| self.rows.iter().position(|at| models[*at as usize].id == *id));
        self.cursor.go(line.unwrap_or(self.cursor.selected()), self.rows.len());
    }
}
