//! What users do, as cases that are run for their time and for their instructions; beside them mail-auth where it can do the same.
#![allow(dead_code, unreachable_pub)]

mod evaluate;
pub mod growth;
mod lint;
mod mail;
mod parse;
mod report;

use std::hint::black_box;

/// One thing that is done.
pub struct Case {
    pub name: String,
    pub ours: Work,
    /// The same by mail-auth.
    pub peer: Option<Work>,
}

/// How a thing is done once.
pub enum Work {
    /// Each time the same.
    Same(Box<dyn FnMut()>),
    /// Each time with something new, whose making does not count.
    Fresh(Box<dyn FnMut() -> Box<dyn FnMut()>>),
}

impl Work {
    pub fn same<T>(mut run: impl FnMut() -> T + 'static) -> Self {
        Self::Same(Box::new(move || {
            black_box(run());
        }))
    }

    pub fn fresh<I: 'static, T>(make: impl Fn() -> I + 'static, run: impl Fn(&mut I) -> T + Copy + 'static) -> Self {
        Self::Fresh(Box::new(move || {
            let mut input = make();
            Box::new(move || {
                black_box(run(&mut input));
            })
        }))
    }

    /// What is to be run once.
    pub fn prepare(&mut self) -> Box<dyn FnMut() + '_> {
        match self {
            Self::Same(run) => Box::new(run),
            Self::Fresh(make) => make(),
        }
    }
}

/// The cases of one file.
#[derive(Default)]
pub struct Cases(Vec<Case>);

impl Cases {
    fn add(&mut self, name: impl Into<String>, ours: Work) -> &mut Case {
        self.0.push(Case { name: name.into(), ours, peer: None });
        self.0.last_mut().expect("it was pushed")
    }

    /// The usual case.
    fn same<T>(&mut self, name: impl Into<String>, run: impl FnMut() -> T + 'static) -> &mut Case {
        self.add(name, Work::same(run))
    }
}

impl Case {
    /// What mail-auth does.
    fn beside<T>(&mut self, run: impl FnMut() -> T + 'static) {
        self.peer = Some(Work::same(run));
    }
}

/// All cases, in the order of the table.
pub fn all() -> Vec<Case> {
    let mut cases = Cases::default();
    parse::add(&mut cases);
    evaluate::spf(&mut cases);
    evaluate::dmarc(&mut cases);
    lint::add(&mut cases);
    mail::verify(&mut cases);
    mail::forensics(&mut cases);
    mail::srs(&mut cases);
    report::add(&mut cases);
    cases.0
}
