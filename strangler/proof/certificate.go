package proof

import "time"

// Format names the kind of document, so that no other signed JSON passes for a certificate.
const Format = "https://ficus.health/certificate/1"

// Certificate states what a proof found. All its numbers are integers, all its times RFC 3339 in UTC.
type Certificate struct {
	Format    string    `json:"format"`
	Tenant    int32     `json:"tenant"`
	Pack      Pack      `json:"pack"`
	Program   Program   `json:"program"`
	Source    Source    `json:"source"`
	Run       Run       `json:"run"`
	Started   time.Time `json:"started"`  // of the proof
	Finished  time.Time `json:"finished"` // of the proof
	Tables    []Table   `json:"tables"`
	Uncovered []Extent  `json:"uncovered"` // tables of the source that the pack does not cover
	Roots     Roots     `json:"roots"`
	Checks    []Check   `json:"checks"`
	Invariant []Law     `json:"invariants"`

	ChangedHere int64        `json:"changedHere"` // targets that were changed here since they were moved; compared as they were moved
	Differences int64        `json:"differences"` // 0, or the move is not proved
	Differing   []Difference `json:"differing"`   // the first of them

	Key       Key    `json:"key"`
	Signature string `json:"signature"` // Ed25519 over the canonical form of all other members, in base64
}

// Pack is the mapping that was proved.
type Pack struct {
	Name    string `json:"name"`
	Mapping string `json:"mapping"` // content hash of maps, expressions and code tables
}

// Program is what proved it.
type Program struct {
	Version string `json:"version"`
	Hash    string `json:"hash"` // SHA-256 of the executable file; empty if it could not be read
}

// Source is what the store was compared with.
type Source struct {
	Kind     string `json:"kind"`
	Name     string `json:"name"`
	Hash     string `json:"hash"`
	Position string `json:"position"` // what part of it: of a dump, all
}

// Run is the last run that wrote.
type Run struct {
	ID       int64     `json:"id"`
	State    string    `json:"state"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
}

// Table is the conservation law for one table: source is the sum of the three others.
type Table struct {
	Name        string   `json:"name"`
	Role        string   `json:"role"`
	Source      int64    `json:"source"`
	Mapped      int64    `json:"mapped"`
	Filtered    int64    `json:"filtered"`
	Quarantined int64    `json:"quarantined"`
	History     int64    `json:"history"` // old versions of rows that the source keeps; they are not moved and no part of source
	Reasons     []Extent `json:"reasons"` // why rows were filtered
	Roots       Roots    `json:"roots"`
}

// Extent is a name and a number of rows.
type Extent struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
}

// Roots are the Merkle roots over the mapped rows: as the source has them, and as they come back out of the store. They
// are equal if nothing differs.
type Roots struct {
	Source string `json:"source"`
	Target string `json:"target"`
}

// Check is one of the ways in which both sides were compared.
type Check struct {
	Name        string `json:"name"`
	Compared    int64  `json:"compared"`
	Differences int64  `json:"differences"`
}

// Law is something that must hold as a whole.
type Law struct {
	Name  string `json:"name"`
	Holds bool   `json:"holds"`
	Note  string `json:"note"`
}

// Key is the installation's public key.
type Key struct {
	ID     string `json:"id"`
	Public string `json:"public"` // Ed25519, 32 bytes in base64
}
