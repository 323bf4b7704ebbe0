package r4

import (
	"slices"
	"testing"
)

func TestResources(t *testing.T) {
	names := Resources()
	if len(names) != 146 || !slices.IsSorted(names) {
		t.Fatalf("%d resource types, sorted %v", len(names), slices.IsSorted(names))
	}
	for _, absent := range []string{"Resource", "DomainResource", "MetadataResource", "SubscriptionStatus", "Period", ""} {
		if _, ok := ResourceIndex(absent); ok {
			t.Errorf("%s has an index", absent)
		}
	}
}

// The indexes are stored in databases: a failure here means that existing databases can no longer be read.
func TestResourceIndexIsPinned(t *testing.T) {
	for name, want := range map[string]int{
		"Account": 0, "Bundle": 11, "Condition": 27, "Encounter": 43, "Observation": 95, "Patient": 102, "Task": 139, "VisionPrescription": 145,
	} {
		if got, ok := ResourceIndex(name); !ok || got != want {
			t.Errorf("%s has index %d, want %d", name, got, want)
		}
	}
}
