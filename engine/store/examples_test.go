package store_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/searchcheck"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/suites"
)

// broken are the examples that break a rule of the standard, with the rule.
var broken = map[string]string{
	"SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json": "its id has 66 characters, 64 are allowed (https://hl7.org/fhir/R4/datatypes.html#id)",
}

// TestEveryExampleIsStoredAsItIs stores the examples and definitions of R4, without referential integrity because they
// refer to what is not among them, reads each back, and asks random questions of them.
func TestEveryExampleIsStoredAsItIs(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url, db.Options{Params: store.PostgresSettings(), Durability: db.Off})
		s := &exampleStore{t: t, corpus: searchcheck.New(), keys: map[string]bool{}}
		s.desk = openOn(t, d, store.Options{DanglingReferences: true, Now: clockOf2026}).As(everything(t))
		files := 0
		for name, raw := range suites.Package(t, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz") {
			if s.take(name, raw); testing.Short() && files == 600 {
				break
			}
			files++
		}
		s.store()
		if !testing.Short() && (files != 5306 || len(s.keys)+len(broken) != 5305) {
			t.Errorf("%d files, %d keys stored, %d refused; want 5306 files with 5305 keys", files, len(s.keys), len(broken))
		}
		ask(t, s.desk, s.corpus, 600)
	})
}

// exampleStore stores examples, a hundred in one commit.
type exampleStore struct {
	t      *testing.T
	desk   *store.Desk
	corpus *searchcheck.Corpus
	keys   map[string]bool
	group  []fhir.Resource
}

func (s *exampleStore) take(name string, raw []byte) {
	r, err := fhir.Parse(raw, fhir.Limits{Bytes: 64 << 20})
	if err != nil {
		s.t.Errorf("%s: %v", name, err)
		return
	}
	if rule := broken[name]; rule != "" {
		if _, err := s.desk.Update(s.t.Context(), r); !fault.Is(err, fault.Invalid) {
			s.t.Errorf("%s is stored (%v), although %s", name, err, rule)
		}
		return
	}
	key := r.Type() + "/" + r.ID()
	if s.keys[key] || len(s.group) == 100 {
		s.store() // two versions of one resource are two commits
	}
	s.keys[key] = true
	s.group = append(s.group, r)
}

func (s *exampleStore) store() {
	s.t.Helper()
	err := s.desk.Write(s.t.Context(), func(c *store.Change) error {
		for _, r := range s.group {
			c.Update(r)
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range s.group {
		s.compare(r)
	}
	s.group = nil
}

func (s *exampleStore) compare(r fhir.Resource) {
	s.t.Helper()
	v, err := s.desk.Read(s.t.Context(), r.Type(), r.ID())
	if err != nil {
		s.t.Fatalf("%s/%s: %v", r.Type(), r.ID(), err)
	}
	if !bytes.Equal(content(s.t, v.Body), content(s.t, r.Raw())) {
		s.t.Errorf("%s/%s is not what was stored", r.Type(), r.ID())
	}
	if err := s.corpus.Resource(r.Raw(), searchcheck.Stored{Type: r.Type(), ID: r.ID()}); err != nil {
		s.t.Error(err)
	}
}

// content is a resource without what the server writes into meta, its members in one order and its
// numbers as they were written.
func content(t *testing.T, raw []byte) []byte {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var r map[string]any
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	if meta, ok := r["meta"].(map[string]any); ok {
		delete(meta, "versionId")
		delete(meta, "lastUpdated")
		if len(meta) == 0 {
			delete(r, "meta")
		}
	}
	out, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
