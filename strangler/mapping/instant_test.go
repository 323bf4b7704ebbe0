package mapping

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ficushealth/ficus/fhir"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := zoneNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestTimesOnTheWall(t *testing.T) {
	for _, c := range []struct{ zone, wall, want, code string }{
		{"America/Toronto", "2024-07-01 08:00:00", "2024-07-01T08:00:00-04:00", ""},
		{"America/Toronto", "2024-01-01 08:00:00.120", "2024-01-01T08:00:00.120-05:00", ""},
		{"America/Toronto", "2024-11-03 01:30:00", "2024-11-03T01:30:00-04:00", ""},  // twice: the first
		{"America/Toronto", "2024-03-10 02:30:00", "2024-03-10T02:30:00-05:00", Gap}, // skipped
		{"America/Toronto", "2024-03-10 01:59:59", "2024-03-10T01:59:59-05:00", ""},
		{"America/Toronto", "2024-03-10 03:00:00", "2024-03-10T03:00:00-04:00", ""},
		{"America/Toronto", "1000-01-01 00:00:00", "1000-01-01T00:00:00-05:17", ""}, // local mean time, cut to minutes
		{"Asia/Kathmandu", "2024-07-01 08:00:00", "2024-07-01T08:00:00+05:45", ""},
		{"UTC", "2024-07-01 08:00:00", "2024-07-01T08:00:00Z", ""},
		{"+00:00", "2024-07-01 08:00:00", "2024-07-01T08:00:00Z", ""},
		{"-03:30", "2024-07-01 08:00:00", "2024-07-01T08:00:00-03:30", ""},
	} {
		v := instant{zone: zone(t, c.zone)}.to(nil, []byte(c.wall))
		if string(v.text) != c.want || v.code != c.code || v.fit != exact {
			t.Errorf("%s in %s: %s %s %d, want %s", c.wall, c.zone, v.text, v.code, v.fit, c.want)
		}
	}
	for _, wall := range []string{"", "2024-02-30 00:00:00", "2024-00-00 00:00:00", "2024-01-01", "2024-01-01T00:00:00", "2024-01-01 24:00:00", "2024-01-01 00:00:00.", "0000-01-01 00:00:00"} {
		if v := (instant{zone: time.UTC}).to(nil, []byte(wall)); v.fit != unfit {
			t.Errorf("%q is taken as %s", wall, v.text)
		}
	}
}

func TestTimesOfElsewhereAreCarriedOver(t *testing.T) {
	c := scaled{instant{zone: zone(t, "America/Toronto")}, 0}
	for text, want := range map[string]string{
		"2024-07-01T12:00:00Z":          "2024-07-01 08:00:00",
		"2024-11-03T06:30:00Z":          "2024-11-03 01:30:00", // the second of the two
		"2024-07-01T08:00:00.000-04:00": "2024-07-01 08:00:00",
		"2024-07-01T21:00:00+09:00":     "2024-07-01 08:00:00",
	} {
		got, ok := c.from(nil, stringValue(t, text))
		if !ok || string(got) != want {
			t.Errorf("%s: %s %v, want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"2024", "2024-07-01", "2024-07-01T08:00:00.5-04:00", "2024-07-01T08:00:00", "x024-07-01T08:00:00Z"} {
		if got, ok := c.from(nil, stringValue(t, text)); ok {
			t.Errorf("%s came back as %s", text, got)
		}
	}
}

func stringValue(t testing.TB, s string) fhir.Value {
	t.Helper()
	v, err := fhir.ParseValue(fhir.AppendString(nil, s), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestInstantsAgreeWithTheStandardLibrary compares with package time, which knows every zone, for walls that exist.
func TestInstantsAgreeWithTheStandardLibrary(t *testing.T) {
	zones := []*time.Location{zone(t, "America/Toronto"), zone(t, "Europe/Dublin"), zone(t, "Australia/Lord_Howe"), zone(t, "America/Caracas"), time.UTC}
	rapid.Check(t, func(rt *rapid.T) {
		z := zones[rapid.IntRange(0, len(zones)-1).Draw(rt, "zone")]
		at := time.Unix(rapid.Int64Range(-1e9, 4e9).Draw(rt, "unix"), 0).In(z) // from 1938 on offsets are whole minutes
		wall := at.Format("2006-01-02 15:04:05")
		v := instant{zone: z}.to(nil, []byte(wall))
		got, err := time.Parse(time.RFC3339, string(v.text))
		if err != nil || v.code != "" {
			rt.Fatalf("%s: %s %v", wall, v.text, err)
		}
		if got.In(z).Format("2006-01-02 15:04:05") != wall {
			rt.Fatalf("%s in %s became %s", wall, z, v.text)
		}
		if d := at.Sub(got).Abs(); d != 0 && d != time.Hour && d != 30*time.Minute {
			rt.Fatalf("%s in %s became %s, off by %s", at, z, v.text, d)
		}
	})
}

func TestRecordsHoldTimesInUTC(t *testing.T) {
	c := scaled{instant{zone: zone(t, "America/Toronto"), utc: true}, 0}
	v := c.to(nil, []byte("2024-07-01 08:00:00"))
	if string(v.text) != "2024-07-01T12:00:00.000000Z" || v.fit != exact {
		t.Errorf("%s %d", v.text, v.fit)
	}
	if b, ok := fromField(nil, c, string(v.text)); !ok || string(b) != "2024-07-01 08:00:00" {
		t.Errorf("%s came back as %s", v.text, b)
	}
	if v := c.to(nil, []byte("2024-03-10 02:30:00")); v.fit != unfit || v.code != Gap {
		t.Errorf("a skipped time is taken as %s", v.text)
	}
}

func TestThereIsNoSuchZone(t *testing.T) {
	for _, name := range []string{"Mars/Olympus", "+5:00", "+xx:00", "+00:xx"} {
		if z, err := zoneNamed(name); err == nil {
			t.Errorf("%s is %s", name, z)
		}
	}
}
