package index

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/suites"
)

// TestEveryParameterHasRows indexes the examples of R4. A parameter none of whose bases yields a row must stand in
// testdata/without-example.txt, and nothing else may.
func TestEveryParameterHasRows(t *testing.T) {
	seen := map[uint16]bool{}
	var mu sync.Mutex
	eachExample(t, func(name string, r fhir.Resource) {
		rows, err := Extract(r, Hasher{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, id := range rows.Params {
			seen[id] = true
		}
	})
	listed := listOf(t, "testdata/without-example.txt")
	for _, p := range r4.AllParams() {
		name := strings.TrimPrefix(p.URL, "http://hl7.org/fhir/SearchParameter/")
		if seen[p.ID] == listed[name] {
			t.Errorf("%s (%s): rows %v, listed as having none %v", name, p.Expression, seen[p.ID], listed[name])
		}
		delete(listed, name)
	}
	for name := range listed {
		t.Errorf("%s is listed, but no parameter", name)
	}
}

// eachExample calls f for each resource of the example package, from several goroutines.
func eachExample(t *testing.T, f func(name string, r fhir.Resource)) {
	file, err := os.Open(suites.Path(t, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	type example struct {
		name string
		doc  []byte
	}
	queue, done := make(chan example, 16), sync.WaitGroup{}
	for range 4 {
		done.Go(func() {
			for x := range queue {
				if r, err := fhir.Parse(x.doc, fhir.Limits{}); err == nil && slices.Contains(r4.Resources(), r.Type()) {
					f(x.name, r)
				}
			}
		})
	}
	for files := tar.NewReader(unzipped); ; {
		h, err := files.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if testing.Short() && h.Size > 200_000 || path.Ext(h.Name) != ".json" {
			continue
		}
		doc, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		queue <- example{h.Name, doc}
	}
	close(queue)
	done.Wait()
}

func listOf(t *testing.T, name string) map[string]bool {
	doc, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for line := range strings.Lines(string(doc)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out[line] = true
		}
	}
	return out
}

func r4Param(resourceType, code string) r4.Param {
	p, _ := r4.FindParam(resourceType, code)
	return p
}
