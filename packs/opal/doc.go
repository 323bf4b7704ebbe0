// Package opal is the ready mapping of OpalDB, the legacy database of the Opal
// patient portal.
//
// It owns the maps (*.yaml), the terminology maps (terms/), the tables for
// which they were written (schema.yaml) and the golden rows (golden/): rows of
// made-up people with the resources that they must become, written by hand, so
// that a rule that is wrong in both directions is found too.
//
// It covers patients and the stand-ins of caregivers, record numbers, sites,
// users, security questions and answers, devices, doctors, the resources of the
// schedule, appointments, and laboratory tests and results. No row of any real
// OpalDB stands in it.
package opal
