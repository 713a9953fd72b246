//! Facts that causes rest on, each in its file: who owns a domain, who sends, who forwards, what a list is.

mod address;
mod alias;
mod client;
mod delivery;
mod display_name;
mod forwarded;
mod gmail;
mod list;
mod owners;

pub(super) use address::{addresses, exchanges, first_address};
pub(super) use alias::{doubled, is_own};
pub(super) use client::{Client, client, covering_include};
pub(super) use delivery::passed_at_delivery;
pub(super) use display_name::shown_address;
pub(super) use forwarded::{forwarded, rewritten, wrote_last_hop};
pub(super) use gmail::{is_gmail, is_google_host, same_gmail};
pub(super) use list::{ListMark, list_mark};
pub(super) use owners::Owners;
