// Package load brings files of FHIR resources into a server or a store.
//
// It owns the way from a list of files and folders to bundles that are sent:
// what a file is (a resource, a bundle, lines of resources, compressed or not),
// the order in which files go, what may go side by side, and what is tried again.
//
// It promises that one bad entry does not stop the rest; that each failure names
// file, entry and reason; and that what depends on order is sent in order: a batch
// bundle, which others refer to, goes alone, transactions side by side. What
// failed is sent once more when all else is in, as long as that helps, because
// it may have referred to what came later.
//
// It never changes a resource, and never keeps a whole folder in memory.
package load
