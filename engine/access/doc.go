// Package access says who asks and what they may do.
//
// It owns the Principal, to which the store binds every read and write, and
// the scopes of a token (SMART App Launch 1.0 and 2.2,
// https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html). A
// decision costs no allocation and asks no database; a refusal is
// fault.Forbidden and says which scope would allow it.
//
// Beside the scopes stand the roles of a person: permissions of a resource, an
// action and a reach. So far they decide who administers accounts; resources are
// decided by scopes alone.
//
// A principal acts within one tenant, and nothing here names another. Scopes of
// the level "patient" are read and kept, but grant nothing as long as no patient
// context narrows them: letting them pass would open a whole tenant. Policies
// and consents are not here yet.
package access
