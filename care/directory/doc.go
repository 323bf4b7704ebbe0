// Package directory owns who works where: Practitioner, PractitionerRole,
// Organization, Location and HealthcareService.
//
// Its Rule guards every write of these. None carries one identifier in two ways,
// and an organization or location is not part of itself. A replayed write, which
// repeats what a legacy system holds, is taken as it was.
//
// It has no tables: the directory is read and searched through the store.
package directory
