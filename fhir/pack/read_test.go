package pack

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/suites"
)

// archive packs entries; a name that ends with @ is a link.
func archive(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := 0; i < len(files); i += 2 {
		h := &tar.Header{Name: files[i], Mode: 0o600, Size: int64(len(files[i+1])), Typeflag: tar.TypeReg}
		if name, link := strings.CutSuffix(h.Name, "@"); link {
			*h = tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: files[i+1]}
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write([]byte(files[i+1])); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const manifest = `{"name":"a.b","version":"1.0.0","fhirVersions":["4.0.1"],"dependencies":{"hl7.fhir.r4.core":"4.0.1"}}`

func TestRead(t *testing.T) {
	var names []string
	info, err := Read(bytes.NewReader(archive(t, "package/package.json", manifest,
		"package/.index.json", `{"files":[{"filename":"ValueSet-a.json","resourceType":"ValueSet"}]}`,
		"package/ValueSet-a.json", `{"resourceType":"ValueSet","id":"a"}`,
		"package/other/x.json", `{"not":"read"}`, "package/note.json", `{"a":1}`, "package/x.xml", `<x/>`,
		"example/Patient-a.json", `{"resourceType":"Patient","id":"a"}`)), Limits{}, func(f File) error {
		names = append(names, f.Name)
		if f.Example != (f.Resource.Type() == "Patient") {
			t.Errorf("%s: example %v", f.Name, f.Example)
		}
		return nil
	})
	if err != nil || info.Name != "a.b" || info.Version != "1.0.0" || !info.ForR4() || info.Needs["hl7.fhir.r4.core"] != "4.0.1" || info.Resources != 1 {
		t.Errorf("%+v %v", info, err)
	}
	if got := strings.Join(names, " "); got != "ValueSet-a.json Patient-a.json" {
		t.Error(got)
	}
}

func TestHostilePackages(t *testing.T) {
	big := strings.Repeat(" ", 1<<20)
	for name, c := range map[string]struct {
		raw  []byte
		kind fault.Kind
	}{
		"no gzip":        {[]byte("PK..."), fault.Invalid},
		"cut off":        {archive(t, "package/package.json", manifest)[:60], fault.Invalid},
		"no package":     {archive(t, "package/ValueSet-a.json", `{"resourceType":"ValueSet"}`), fault.Invalid},
		"no name":        {archive(t, "package/package.json", `{"version":"1"}`), fault.Invalid},
		"no JSON":        {archive(t, "package/package.json", manifest, "package/a.json", `{`), fault.Invalid},
		"twice":          {archive(t, "package/package.json", manifest, "package/package.json", manifest), fault.Invalid},
		"link":           {archive(t, "package/a@", "/etc/passwd"), fault.Invalid},
		"outside":        {archive(t, "../a.json", "{}"), fault.Invalid},
		"absolute":       {archive(t, "/etc/a.json", "{}"), fault.Invalid},
		"not whole":      {archive(t, "package/package.json", manifest, "package/.index.json", `{"files":[{"filename":"a.json","resourceType":"X"}]}`), fault.Invalid},
		"one file large": {archive(t, "package/package.json", manifest, "package/a.json", big), fault.TooLarge},
		"all large":      {archive(t, "package/package.json", manifest, "a.txt", big, "b.txt", big, "c.txt", big), fault.TooLarge},
		"many":           {archive(t, "a", "", "b", "", "c", "", "d", "", "e", ""), fault.TooLarge},
	} {
		_, err := Read(bytes.NewReader(c.raw), Limits{Total: 2 << 20, File: 1 << 19, Files: 4}, func(File) error { return nil })
		if !fault.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPublishedPackages(t *testing.T) {
	for name, want := range map[string]string{
		"us-core/us_core_610.tgz": "hl7.fhir.us.core 6.1.0", "us-core/us_core_700.tgz": "hl7.fhir.us.core 7.0.0",
		"fhir-r4-definitions/hl7.fhir.uv.ips-2.0.0.tgz": "hl7.fhir.uv.ips 2.0.0",
	} {
		dir, file, _ := strings.Cut(name, "/")
		f, err := os.Open(suites.Path(t, dir, file))
		if err != nil {
			t.Fatal(err)
		}
		types := map[string]int{}
		info, err := Read(f, Limits{}, func(f File) error { types[f.Resource.Type()]++; return nil })
		if err != nil || info.Name+" "+info.Version != want || !info.ForR4() || types["StructureDefinition"] < 20 {
			t.Errorf("%+v %v %v", info, err, types)
		}
		f.Close() //nolint:errcheck // it was only read
	}
}

func FuzzRead(f *testing.F) {
	f.Add(archive(f, "package/package.json", manifest, "package/ValueSet-a.json", `{"resourceType":"ValueSet","id":"a"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		info, err := Read(bytes.NewReader(raw), Limits{Total: 1 << 20}, func(File) error { return nil })
		if err == nil && (info.Name == "" || info.Version == "") {
			t.Error("a package without a name")
		}
		if err != nil && fault.Find(err) == nil {
			t.Errorf("not a fault: %v", err)
		}
	})
}
