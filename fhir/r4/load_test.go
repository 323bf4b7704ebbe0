package r4

import (
	"runtime"
	"testing"
	"time"
)

// The tables are part of every start of the program: they have to be cheap.
func TestReadingTheTablesIsCheap(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	Lookup("Patient")
	Params("Patient")
	Compartment("Patient", "Observation")
	took := time.Since(start)
	runtime.GC()
	runtime.ReadMemStats(&after)
	t.Logf("%v, %d KiB", took, (after.HeapAlloc-before.HeapAlloc)/1024)
}

func BenchmarkReadTypes(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		readTypes()
	}
}
