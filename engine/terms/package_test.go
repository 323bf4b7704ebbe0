package terms

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/suites"
)

func usCore(t *testing.T) *os.File {
	f, err := os.Open(suites.Path(t, "us-core", "us_core_610.tgz"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() }) //nolint:errcheck // it is only read
	return f
}

func TestAPackageIsAddedUsedAndRemoved(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		ctx, stop := context.WithCancel(t.Context())
		_, err := w.terms.AddPackage(ctx, w.desk, usCore(t), func(done, _ int) {
			if done >= 60 {
				stop()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatal("broken off:", err)
		}
		if list, err := w.terms.Packages(t.Context(), w.desk); err != nil || len(list) != 1 || list[0].Complete {
			t.Fatal(list, err)
		}
		added, err := w.terms.AddPackage(t.Context(), w.desk, usCore(t), func(int, int) {})
		if err != nil || added.There < 50 || added.Stored < 50 || len(added.Refused) > 0 {
			t.Fatalf("stored %d, there %d, refused %v: %v", added.Stored, added.There, added.Refused, err)
		}
		if list, err := w.terms.Packages(t.Context(), w.desk); err != nil || len(list) != 1 || list[0] != (Package{"hl7.fhir.us.core", "6.1.0", "http://hl7.org/fhir/us/core/ImplementationGuide/hl7.fhir.us.core|6.1.0", true}) {
			t.Fatal(list, err)
		}
		w.patients()
		w.publishes()
		removed, err := w.terms.RemovePackage(t.Context(), w.desk, "hl7.fhir.us.core#6.1.0", func(int) {})
		if err != nil || removed != added.Stored+added.There {
			t.Fatal(removed, err)
		}
		if _, err := w.terms.RemovePackage(t.Context(), w.desk, "hl7.fhir.us.core#6.1.0", func(int) {}); !fault.Is(err, fault.Unknown) {
			t.Error(err)
		}
	})
}

// publishes tells of what is loaded, and of nothing of it to another tenant.
func (w *world) publishes() {
	p, err := w.terms.Published(w.t.Context(), 1)
	if err != nil {
		w.t.Fatal(err)
	}
	if again, err := w.terms.Published(w.t.Context(), 1); err != nil || again != p {
		w.t.Error("it is read again though nothing has changed", err)
	}
	const profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"
	if !slices.Equal(p.Profiles["Patient"], []string{profile}) || !slices.Equal(p.Guides, []string{"http://hl7.org/fhir/us/core/ImplementationGuide/hl7.fhir.us.core|6.1.0"}) {
		w.t.Errorf("%v %v", p.Profiles["Patient"], p.Guides)
	}
	category := func(p *Published) (out []SystemVersion) {
		for _, y := range p.Systems {
			if y.URL == "http://hl7.org/fhir/us/core/CodeSystem/us-core-category" {
				out = append(out, y.Versions...)
			}
		}
		return out
	}
	if got := category(p); !slices.Equal(got, []SystemVersion{{"6.1.0", "complete"}}) {
		w.t.Errorf("%v", got)
	}
	for _, other := range []int32{0, 2} {
		if p, err := w.terms.Published(w.t.Context(), other); err != nil || len(p.Profiles)+len(p.Guides)+len(category(p)) > 0 || len(p.Systems) < 900 {
			w.t.Errorf("another tenant: %v %v, %d systems, %v", p.Profiles, p.Guides, len(p.Systems), err)
		}
	}
}

// patients are checked against US Core while it is loaded.
func (w *world) patients() {
	const profile = "Patient/$validate?profile=http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"
	for body, want := range map[string]int{
		`{"resourceType":"Patient","identifier":[{"system":"http://x","value":"1"}],"name":[{"family":"A"}],"gender":"male"}`:  0,
		`{"resourceType":"Patient","name":[{"family":"A"}],"gender":"male"}`:                                                   1,
		`{"resourceType":"Patient","identifier":[{"system":"http://x","value":"1"}],"name":[{"use":"usual"}],"gender":"male"}`: 1,
	} {
		r, err := w.ask(profile, body)
		errors := 0
		for i := range r.Get("issue").Items() {
			if i.Get("severity").Str() == "error" {
				errors++
			}
		}
		if err != nil || errors != want {
			w.t.Errorf("%s: %s %v", body, r.Raw(), err)
		}
	}
}

func TestWhatIsNoPackageIsRefused(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *world) {
		f, err := os.Open("doc.go")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close() //nolint:errcheck // it is only read
		if _, err := w.terms.AddPackage(t.Context(), w.desk, io.ReadSeeker(f), func(int, int) {}); !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
	})
}
