package patients

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// note is a record of another module, which names two patients.
var note = care.Table{Name: "notes.Note", Table: "notes_note", Fields: []care.Field{
	{Name: "about", Kind: care.Text, Of: "Patient"},
	{Name: "heard", Kind: care.Text, Null: true, Of: "Patient"},
	{Name: "body", Kind: care.Sealed},
}}

func notesSchema() fs.FS {
	return fstest.MapFS{"schema/0001_note.sql": {Data: []byte(`CREATE TABLE notes_note (
		tenant int NOT NULL, id text NOT NULL, about text NOT NULL, heard text, body bytea NOT NULL, PRIMARY KEY (tenant, id));
		CREATE INDEX notes_note_about ON notes_note (tenant, about);
		CREATE INDEX notes_note_heard ON notes_note (tenant, heard);`)}}
}

func (t *story) patients(ids ...string) {
	t.Helper()
	for _, id := range ids {
		t.put(`{"resourceType":"Patient","id":"` + id + `"}`)
	}
}

// note writes a note; heard may be empty.
func (t *story) note(id, about, heard, body string) error {
	t.Helper()
	return t.desk.Write(t.Context(), func(c *store.Change) error {
		values := map[string]*string{"about": &about, "body": &body}
		if heard != "" {
			values["heard"] = &heard
		}
		c.Records(t.notes(), []store.Record{{ID: id, Values: values}})
		return nil
	})
}

func (t *story) notes() store.RecordSink { return t.modules.Sinks()["notes.Note"] }

// told is what a note says, as the store vouches for it.
func (t *story) told(id string) (text string) {
	t.Helper()
	err := t.db.Read(t.Context(), func(tx db.Tx) error {
		kept, err := t.store.Records(context.Background(), tx, 1, t.notes(), []string{id})
		for _, k := range kept {
			for _, field := range []string{"about", "heard", "body"} {
				if v := k.Values[field]; v != nil {
					text += *v + " "
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (t *story) tell(want map[string]string) {
	t.Helper()
	for id, text := range want {
		if got := t.told(id); got != text {
			t.Errorf("note %s: %q, want %q", id, got, text)
		}
	}
}

func (t *story) must(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestRecordsOfOtherModulesFollowAMergeAndComeBack, sealed fields and stamps included.
func TestRecordsOfOtherModulesFollowAMergeAndComeBack(t *testing.T) {
	both(t, func(t *story) {
		t.patients("a", "b", "c")
		t.must(t.note("1", "a", "", "x"))
		t.must(t.note("2", "b", "a", "y"))
		t.must(t.note("3", "c", "c", "z"))
		before := map[string]string{"1": "a x ", "2": "b a y ", "3": "c c z "}
		merged := map[string]string{"1": "b x ", "2": "b b y ", "3": "c c z "}
		preview, err := t.call(t.desk, "merge", pair("a", "b")+`,{"name":"preview","valueBoolean":true}`)
		t.must(err)
		t.holds("preview", string(preview.Raw()), "records of other modules follow", "!notes.Note", "!2")
		t.tell(before)
		t.holds("answer", t.merge("a", "b"), "records of other modules follow", "!notes.Note", "!2 ")
		t.tell(merged)
		t.refused("a new note about the source", t.note("4", "a", "", "n"), fault.Unprocessable, "Patient/a was replaced by Patient/b")
		t.must(t.note("5", "b", "", "after"))
		t.holds("unmerge", t.unmerge("a"), "records of other modules follow", "!notes.Note", "!since")
		t.tell(before)
		t.tell(map[string]string{"5": "b after "})
	})
}

// TestRecordsThatWereChangedSinceAMergeKeepTheChange and come back only where they still name the target.
func TestRecordsThatWereChangedSinceAMergeKeepTheChange(t *testing.T) {
	both(t, func(t *story) {
		t.patients("a", "b", "c")
		for _, id := range []string{"same", "other", "text", "gone"} {
			t.must(t.note(id, "a", "", "x"))
		}
		t.merge("a", "b")
		t.must(t.note("other", "c", "", "x"))
		t.must(t.note("text", "b", "", "later"))
		t.must(t.desk.Write(t.Context(), func(c *store.Change) error {
			c.Forget(t.notes(), []string{"gone"})
			return nil
		}))
		t.holds("unmerge", t.unmerge("a"), "records of other modules were changed since", "!notes.Note", "!gone", "!other was", "!same")
		t.tell(map[string]string{"same": "a x ", "other": "c x ", "text": "a later ", "gone": ""})
	})
}

// TestRecordsGoBackAChainOfMerges, and nobody is told that they were changed when only merges did.
func TestRecordsGoBackAChainOfMerges(t *testing.T) {
	both(t, func(t *story) {
		t.patients("a", "b", "c")
		t.must(t.note("1", "a", "b", "x"))
		t.merge("a", "b")
		t.merge("b", "c")
		t.tell(map[string]string{"1": "c c x "})
		t.unmerge("b")
		t.tell(map[string]string{"1": "b b x "})
		t.holds("unmerge", t.unmerge("a"), "!changed since")
		t.tell(map[string]string{"1": "a b x "})
	})
}

// TestARecordChangedBehindTheBackStopsAMerge, which would vouch for it by writing it anew.
func TestARecordChangedBehindTheBackStopsAMerge(t *testing.T) {
	both(t, func(t *story) {
		t.patients("a", "b")
		t.must(t.note("1", "a", "", "x"))
		t.must(t.db.Write(t.Context(), func(tx db.Tx) error {
			_, err := tx.Exec(t.Context(), db.Same(`UPDATE notes_note SET heard = 'b'`))
			return err
		}))
		_, err := t.call(t.desk, "merge", pair("a", "b"))
		t.refused("the merge", err, fault.Internal, "behind the back")
	})
}

// TestATargetThatRefersToTheSourceRefersToItself after a merge, but for the link, and to the source again when that is taken back.
func TestATargetThatRefersToTheSourceRefersToItself(t *testing.T) {
	both(t, func(t *story) {
		t.patients("a")
		const body = `{"resourceType":"Patient","id":"b","contained":[{"resourceType":"Basic","id":"in","code":{"text":"x"},"subject":{"reference":"Patient/a/_history/1"}}],` +
			`"extension":[{"url":"http://x","valueReference":{"reference":"http://here/fhir/Patient/a"}},{"url":"http://in","valueReference":{"reference":"#in"}}]%s,` +
			`"link":[{"other":{"reference":"Patient/a"},"type":"seealso"}]}`
		t.put(strings.ReplaceAll(body, "%s", ""))
		before := t.content("Patient", "b")
		t.merge("a", "b")
		t.holds("target", t.body("Patient", "b"), `"valueReference":{"reference":"Patient/b"}`, `"subject":{"reference":"Patient/b"}`, `{"other":{"reference":"Patient/a"},"type":"replaces"}`, "!fhir/Patient/a")
		t.unmerge("a")
		if after := t.content("Patient", "b"); after != before {
			t.Errorf("%s\nwant\n%s", after, before)
		}
		t.merge("a", "b")
		changed := t.body("Patient", "b")
		t.put(strings.ReplaceAll(changed, `"extension":[{"url":"http://x"`, `"active":true,"extension":[{"url":"http://x"`))
		t.holds("unmerge", t.unmerge("a"), "Patient/b was changed since; its later content is kept")
		t.holds("target", t.body("Patient", "b"), `"active":true`, `"valueReference":{"reference":"http://here/fhir/Patient/a"}`, `"subject":{"reference":"Patient/a/_history/1"}`, `"type":"seealso"`, "!replaces")
	})
}
