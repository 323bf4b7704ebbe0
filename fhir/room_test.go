package fhir

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
)

// wideObject is an object of n members.
func wideObject(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"first":1`)
	for i := range n - 1 {
		fmt.Fprintf(&b, `,"k%07d":1`, i)
	}
	b.WriteString("}")
	return []byte(b.String())
}

// allocated is how many bytes fn asks for.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestManyMembersTakeLittleMemory holds the parser to what the limits of a server count on: a value costs its node, and a
// member of a wide object its place in the table of names.
func TestManyMembersTakeLittleMemory(t *testing.T) {
	const n = 200_000
	b := wideObject(n)
	took := allocated(func() {
		if _, err := ParseValue(b, Limits{Values: n + 1}); err != nil {
			t.Fatal(err)
		}
	})
	if most := uint64(n * (24 + 16 + 4)); took > most {
		t.Errorf("%d members took %d bytes, at most %d are wanted", n, took, most)
	}
}

func TestTextTakesNoRoomForValues(t *testing.T) {
	b := []byte(`{"a":"` + strings.Repeat("x", 4<<20) + `"}`)
	took := allocated(func() {
		if _, err := ParseValue(b, Limits{}); err != nil {
			t.Fatal(err)
		}
	})
	if took > 64<<10 {
		t.Errorf("a document of one text took %d bytes beside the text", took)
	}
}

func TestTheSameNameTwiceAmongMany(t *testing.T) {
	for _, twice := range []string{`"first"`, `"k0000777"`, `"k\u0030000777"`} {
		b := wideObject(1000)
		b = append(b[:len(b)-1], ","+twice+":2}"...)
		_, err := ParseValue(b, Limits{})
		f := fault.Find(err)
		if f == nil || f.Kind != fault.Invalid || f.Issues[0].Col != strings.LastIndex(string(b), twice)+1 {
			t.Errorf("%s: %v", twice, err)
		}
	}
}
