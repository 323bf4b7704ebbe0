package r4

import (
	"runtime"
	"testing"
	"time"
)

// The tables are part of every start of the program: they have to be cheap.
func TestReadingTheTablesIsCheap(t *testing.T) {
	before, start := heap(), time.Now()
	types := readTypes()
	took, size := time.Since(start), heap()-before
	runtime.KeepAlive(types)
	if took > 200*time.Millisecond || size > 8<<20 {
		t.Errorf("reading the types took %v and %d bytes", took, size)
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkReadTypes(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		readTypes()
	}
}

func BenchmarkReadParams(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		readParams(readAllParams())
	}
}
