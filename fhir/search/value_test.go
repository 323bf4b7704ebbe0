package search

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDatesCoverTheirPrecision(t *testing.T) {
	for in, want := range map[string][2]string{
		"2024":                          {"2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"},
		"2024-02":                       {"2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"},
		"2023-12":                       {"2023-12-01T00:00:00Z", "2024-01-01T00:00:00Z"},
		"2024-02-29":                    {"2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
		"2024-02-29T10:30":              {"2024-02-29T10:30:00Z", "2024-02-29T10:31:00Z"},
		"2024-02-29T10:30:15":           {"2024-02-29T10:30:15Z", "2024-02-29T10:30:16Z"},
		"2024-02-29T10:30:15.25Z":       {"2024-02-29T10:30:15.25Z", "2024-02-29T10:30:15.26Z"},
		"2024-02-29T10:30:15.123456789": {"2024-02-29T10:30:15.123456Z", "2024-02-29T10:30:15.123457Z"},
		"2024-02-29T23:30-05:00":        {"2024-03-01T04:30:00Z", "2024-03-01T04:31:00Z"},
		"2024-02-29T00:30:00 01:00":     {"2024-02-28T23:30:00Z", "2024-02-28T23:30:01Z"},
		"2016-12-31T23:59:60Z":          {"2017-01-01T00:00:00Z", "2017-01-01T00:00:01Z"},
		"0001":                          {"0001-01-01T00:00:00Z", "0002-01-01T00:00:00Z"},
	} {
		start, end, ok := period(in)
		if !ok || start.Format(time.RFC3339Nano) != want[0] || end.Format(time.RFC3339Nano) != want[1] {
			t.Errorf("%s: %v to %v (%v), want %v", in, start, end, ok, want)
		}
	}
}

func TestWhatIsNoDate(t *testing.T) {
	for _, in := range []string{
		"", "24", "2024-", "2024-1", "2024-1-1", "2024-00", "2024-01-00", "2023-02-29", "2024/01/01", "2024-01-01T", "2024-01T10:00", "2024T10:00",
		"2024-01-01T24:00", "2024-01-01T10", "2024-01-01T10:60", "2024-01-01T10:00:61", "2024-01-01T10:00:00.", "2024-01-01T10:00:00.Z", "2024-01-01T10:00:0",
		"2024-01-01T10:00z", "2024-01-01T10:00+1:00", "2024-01-01T10:00+15:00", "2024-01-01 10:00", "0000", "+024", "2024-01-01T10:00:00ZZ",
	} {
		if _, _, ok := period(in); ok {
			t.Errorf("%q is taken for a date", in)
		}
	}
}

// TestDatesAgreeWithTheStandardLibrary reads instants that it did not write.
func TestDatesAgreeWithTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		us := rapid.Int64Range(time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC).UnixMicro(), time.Date(9998, 12, 31, 0, 0, 0, 0, time.UTC).UnixMicro()).Draw(t, "us")
		zone := time.FixedZone("", 60*rapid.IntRange(-12*60, 14*60).Draw(t, "zone"))
		want := time.UnixMicro(us).In(zone)
		v, bad := date(want.Format("2006-01-02T15:04:05.000000Z07:00"))
		if bad != "" || v.Lo != us || v.Hi != us {
			t.Fatalf("%v: %+v %s", want, v, bad)
		}
	})
}

// TestNumbersCoverTheirPrecision takes the ranges from the specification's table, the rest from the same rule.
func TestNumbersCoverTheirPrecision(t *testing.T) {
	for in, want := range map[string][2]float64{
		"100": {99.5, 100.5}, "100.00": {99.995, 100.005}, "1e2": {95, 105}, "1.0e2": {95, 105}, "-5": {-5.5, -4.5}, "0": {-0.5, 0.5}, "5.40": {5.395, 5.405},
		"+7": {6.5, 7.5}, "0.001": {0.0005, 0.0015}, "12E-1": {1.15, 1.25},
	} {
		v, bad := number(in)
		if bad != "" || v.NumLo != want[0] || v.NumHi != math.Nextafter(want[1], math.Inf(-1)) {
			t.Errorf("%s: [%v, %v] %s, want [%v, %v)", in, v.NumLo, v.NumHi, bad, want[0], want[1])
		}
	}
	for _, in := range []string{"", ".5", "5.", "--5", "0x10", "1_000", "NaN", "Inf", "1e", "1e1.5", "5 ", "٣"} {
		if _, bad := number(in); bad == "" {
			t.Errorf("%q is taken for a number", in)
		}
	}
}

func TestNumbersAgreeWithTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Float64Range(-1e12, 1e12).Draw(t, "number")
		v, bad := number(fmt.Sprint(want))
		if bad != "" || v.Num != want || !(v.NumLo <= want && want <= v.NumHi) {
			t.Fatalf("%v: %+v %s", want, v, bad)
		}
	})
}

func TestEscapedTextComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.StringMatching(`[ab,|$\\]{1,8}`), 1, 4).Draw(t, "values")
		var value string
		for i, w := range want {
			if i > 0 {
				value += ","
			}
			value += Escape(w)
		}
		q, _, err := Parse("Patient", []Pair{{"family", value}}, Strict)
		if err != nil || len(q.Clauses[0].Values) != len(want) {
			t.Fatalf("%q: %v", value, err)
		}
		for i, w := range want {
			if got := q.Clauses[0].Values[i].Text; got != w {
				t.Fatalf("%q came back as %q", w, got)
			}
		}
	})
}
