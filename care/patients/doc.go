// Package patients owns Patient: who somebody is, and under which identifiers.
//
// Its Rule guards every write of a Patient. A patient does not carry one
// identifier in two ways, is not linked to itself, and does not die before being
// born. A
// replayed write, which repeats what a legacy system holds, is taken as it was:
// dirty data there is a finding of the migration, not a reason to lose a row.
//
// Matching, merging and unmerging are not here yet. It has no tables.
package patients
