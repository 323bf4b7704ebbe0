// Package movetest is a small made-up legacy system for the tests of move and
// proof: its tables in memory, its pack (clinic/), a record sink, and a World that
// moves and proves. It is support for tests; no program imports it.
package movetest
