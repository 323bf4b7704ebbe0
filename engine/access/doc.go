// Package access says who asks and what they may do.
//
// It owns the Principal, to which the store binds every read and write, and
// the scopes of a token (SMART App Launch 1.0 and 2.2,
// https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html).
//
// There is one decision, Book.Decide: what of a type a principal may see or change
// by an operation, as conditions of a search (Narrow), which the store asks inside
// of its own. It asks no database, is remembered, and depends on nothing but the
// principal and the search parameters of his tenant; a refusal is fault.Forbidden
// and says which scope would allow it. Scopes, roles and labels each take away;
// what none of them allows is refused.
//
// Roles are permissions of a resource, an action and a reach, and masks of single
// elements; they also decide who administers accounts. They count for persons, who
// without a role see nothing but their own record, if they are patients: a service
// is decided by its scopes alone.
//
// A principal acts within one tenant, and nothing here names another. Scopes of
// the level "patient" are about the compartment of one patient; without a patient
// they grant nothing. Consents and relations of care are not here yet.
package access
