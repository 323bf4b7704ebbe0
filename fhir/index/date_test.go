package index

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ficushealth/ficus/fault"
)

// TestParseDate states both ends as RFC 3339, read by the time package.
func TestParseDate(t *testing.T) {
	for _, c := range []struct{ text, lo, hi string }{
		{"2020", "2020-01-01T00:00:00Z", "2020-12-31T23:59:59.999999Z"},
		{"2020-02", "2020-02-01T00:00:00Z", "2020-02-29T23:59:59.999999Z"},
		{"1900-02", "1900-02-01T00:00:00Z", "1900-02-28T23:59:59.999999Z"},
		{"2000-02", "2000-02-01T00:00:00Z", "2000-02-29T23:59:59.999999Z"},
		{"2020-12", "2020-12-01T00:00:00Z", "2020-12-31T23:59:59.999999Z"},
		{"2020-02-29", "2020-02-29T00:00:00Z", "2020-02-29T23:59:59.999999Z"},
		{"0001", "0001-01-01T00:00:00Z", "0001-12-31T23:59:59.999999Z"},
		{"0001-01-01T00:00:00+14:00", "0000-12-31T10:00:00Z", "0000-12-31T10:00:00.999999Z"},
		{"9999-12-31T23:59:59.9-12:00", "9999-12-31T23:59:59.9-12:00", "9999-12-31T23:59:59.999999-12:00"},
		{"9999", "9999-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"},
		{"2020-01-01T10:00", "2020-01-01T10:00:00Z", "2020-01-01T10:00:59.999999Z"},
		{"2020-01-01T10:00+05:30", "2020-01-01T04:30:00Z", "2020-01-01T04:30:59.999999Z"},
		{"2020-01-01T10:00:00", "2020-01-01T10:00:00Z", "2020-01-01T10:00:00.999999Z"},
		{"2020-01-01T10:00:00.1Z", "2020-01-01T10:00:00.1Z", "2020-01-01T10:00:00.199999Z"},
		{"2020-01-01T10:00:00.123456789Z", "2020-01-01T10:00:00.123456Z", "2020-01-01T10:00:00.123456Z"},
		{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", "2017-01-01T00:00:00.999999Z"},
		{"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
		{"2020-06-01T00:00:00-00:00", "2020-06-01T00:00:00Z", "2020-06-01T00:00:00.999999Z"},
	} {
		lo, hi, err := ParseDate(c.text)
		if err != nil || lo != rfc(t, c.lo) || hi != rfc(t, c.hi) {
			t.Errorf("%s: %s to %s, %v", c.text, time.UnixMicro(lo).UTC(), time.UnixMicro(hi).UTC(), err)
		}
	}
}

func rfc(t *testing.T, s string) int64 {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMicro()
}

func TestParseDateRefuses(t *testing.T) {
	for _, s := range []string{
		"", "20", "0000", "2020-", "2020-1", "2020-13", "2020-00", "2020-02-30", "2021-02-29", "1900-02-29", "2020-01-00", "2020-01-01T", "2020-01-01T10",
		"2020-01-01T24:00", "2020-01-01T10:60", "2020-01-01T10:00:61", "2020-01-01T10:00:00.", "2020-01-01T10:00:00.1x", "2020-01-01T10:00:00+15:00",
		"2020-01-01T10:00:00+14:01", "2020-01-01T10:00:00+2:00", "2020-01-01T10:00:00z", "2020-01-01 10:00:00", "2020Z", "2020-01-01Z", " 2020", "2020 ",
		"２０２０", "-2020", "+2020", "20200101",
	} {
		if lo, hi, err := ParseDate(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %d, %d, %v", s, lo, hi, err)
		}
	}
}

// TestDatesNest: what is written to a finer precision lies within what is written to a coarser one.
func TestDatesNest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(-62135596800e6, 253402300799e6).Draw(t, "µs")).UTC()
		outerLo, outerHi := int64(-1<<63), int64(1<<63-1)
		for _, layout := range []string{"2006", "2006-01", "2006-01-02", "2006-01-02T15:04Z", "2006-01-02T15:04:05Z", "2006-01-02T15:04:05.000Z", "2006-01-02T15:04:05.000000Z"} {
			lo, hi, err := ParseDate(at.Format(layout))
			if err != nil || lo < outerLo || hi > outerHi || lo > at.UnixMicro() || hi < at.UnixMicro() {
				t.Fatalf("%s: %d to %d, %v", at.Format(layout), lo, hi, err)
			}
			outerLo, outerHi = lo, hi
		}
		if outerLo != at.UnixMicro() || outerHi != at.UnixMicro() {
			t.Fatal("a microsecond is exact")
		}
	})
}

func TestParseNumber(t *testing.T) {
	for _, c := range []struct {
		text          string
		exact, lo, hi float64
	}{
		{"100", 100, 99.5, 100.5},
		{"100.00", 100, 99.995, 100.005},
		{"1e2", 100, 95, 105},
		{"1.0E2", 100, 95, 105},
		{"5.40e-3", 0.0054, 0.005395, 0.005405},
		{"1.00e2", 100, 99.5, 100.5},
		{"-3", -3, -3.5, -2.5},
		{"0", 0, -0.5, 0.5},
		{"+7", 7, 6.5, 7.5},
		{"0.1", 0.1, 0.05, 0.15},
	} {
		exact, lo, hi, err := ParseNumber(c.text)
		if err != nil || exact != c.exact || lo != c.lo || hi != c.hi {
			t.Errorf("%s: %v, %v to %v, %v", c.text, exact, lo, hi, err)
		}
	}
	for _, s := range []string{"", "x", "1.", ".5", "1e", "1e+", "--1", "+-1", "1.2.3", "1e99999", "1e400", "NaN", "Inf", "0x1", "1_0", " 1", fmt.Sprintf("%070d", 1)} {
		if v, _, _, err := ParseNumber(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v, %v", s, v, err)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2020", "2020-02-29T10:00:00.5+01:00", "0001-01", "2016-12-31T23:59:60Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if lo, hi, err := ParseDate(s); err == nil && lo > hi || err != nil && lo+hi != 0 {
			t.Fatalf("%q: %d to %d, %v", s, lo, hi, err)
		}
	})
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"1", "-1.50", "1e-3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, lo, hi, err := ParseNumber(s); err == nil && !(lo <= v && v <= hi) {
			t.Fatalf("%q: %v is not within %v and %v", s, v, lo, hi)
		}
	})
}
