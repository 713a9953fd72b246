//! Questions that need the DNS: JavaScript asks it.

use wasm_bindgen::prelude::*;

use super::{read, told, write};
use crate::dns::{Answer, Question, Snapshot, Step};
use crate::report::{Input, Report};
use crate::resolver::Budget;

/// One question about mail, on its way to its report: ask `questions()`, give each its `answer()`, until there are none.
///
/// ```js
/// import { Check } from 'mailproof';
///
/// const check = new Check({ spf: { ip: '192.0.2.7', mail_from: 'alice@example.com' } });
/// check.questions(); // [{ name: 'example.com', type: 'TXT' }]
/// check.answer({ name: 'example.com', type: 'TXT' }, { records: { TXT: ['v=spf1 ip4:192.0.2.0/24 -all'] } });
/// check.questions(); // []
/// check.report().report.verdicts[0].result; // 'pass'
/// ```
#[wasm_bindgen]
pub struct Check {
    input: Input,
    dns: Snapshot,
    budget: Budget,
    open: Vec<Question>,
    report: Option<Report>,
}

#[wasm_bindgen]
impl Check {
    /// `input` as in a report; `snapshot` as in a report, for answers that are known already.
    ///
    /// # Errors
    /// For an input or a snapshot of another form.
    #[wasm_bindgen(constructor)]
    pub fn new(input: &str, snapshot: Option<String>) -> Result<Self, JsError> {
        let dns = snapshot.map_or_else(|| Ok(Snapshot::new()), |snapshot| read("snapshot", &snapshot))?;
        Ok(Self { input: read("input", input)?, dns, budget: Budget::default(), open: Vec::new(), report: None })
    }

    /// What the DNS has to be asked now: a list of `{name, type}`, empty when the report is ready. All of a round can be
    /// asked at the same time.
    ///
    /// # Errors
    /// None.
    pub fn questions(&mut self) -> Result<String, JsError> {
        self.open.retain(|question| self.dns.get(question).is_none());
        while self.open.is_empty() && self.report.is_none() {
            match self.input.check(&self.dns) {
                Step::Done(report) => self.report = Some(report),
                Step::Ask(questions) => self.open = self.budget.within(questions, &mut self.dns),
            }
        }
        write(&self.open)
    }

    /// What the DNS said to a question. The first answer stays.
    ///
    /// # Errors
    /// For a question or an answer of another form.
    pub fn answer(&mut self, question: &str, answer: &str) -> Result<(), JsError> {
        let question = read("question", question)?;
        self.dns.insert(question, read::<Answer>("answer", answer)?);
        Ok(())
    }

    /// The report and its text: `{report, text}`.
    ///
    /// # Errors
    /// While there are questions without an answer.
    pub fn report(&mut self) -> Result<String, JsError> {
        self.questions()?;
        match &self.report {
            Some(report) => told(report),
            None => Err(JsError::new("there are questions without an answer: see questions()")),
        }
    }
}
