// Package patients owns Patient: who somebody is, under which identifiers, and which records are of one person.
//
// Its Rule guards every write of a Patient. A patient does not carry one
// identifier in two ways, is not linked to itself, and does not die before being
// born. A
// replayed write, which repeats what a legacy system holds, is taken as it was:
// dirty data there is a finding of the migration, not a reason to lose a row.
//
// It offers $match, which weighs who of those who are known may be meant; $merge, which
// moves all that refers to one patient to another and closes the first; and $unmerge, which takes that back. Its tables keep what a
// merge has moved. Records of other modules that name the patient (care.Field.Of) are moved too, and back. It promises that a merge is whole or has not happened, that no reference to the
// source is left or made afterwards, and that taking it back never undoes what somebody changed since.
// It never deletes a patient, and decides nothing by itself: who is whom is said by people.
package patients
