package patients

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// maxMoved is how many resources one merge moves, as many as a transaction may have entries.
const maxMoved = 10_000

// merge is $merge as FHIR has it from release 5 on (https://hl7.org/fhir/R5/patient-operation-merge.html): the source is
// inactive from then on, and all that referred to it refers to the target. It is done, or refused, at once, so there is no Task.
func merge(now func() time.Time, newID func() string, records []store.Naming) operation.Operation {
	return operation.Operation{
		Code: "merge", Definition: "http://hl7.org/fhir/OperationDefinition/Patient-merge", On: operation.OnType, Types: []string{"Patient"},
		Changes: true, Right: access.Update,
		In: []operation.Param{
			{Name: "source-patient", Type: "Reference"}, {Name: "source-patient-identifier", Type: "Identifier", Many: true},
			{Name: "target-patient", Type: "Reference"}, {Name: "target-patient-identifier", Type: "Identifier", Many: true},
			{Name: "result-patient", Type: "Patient"}, {Name: "preview", Type: "boolean"},
		},
		Do: func(ctx context.Context, desk *store.Desk, c operation.Call) (operation.Answer, error) {
			m, err := read(ctx, desk, c)
			if err != nil {
				return operation.Answer{}, err
			}
			m.now, m.id, m.records = now, newID(), records
			if err := m.run(ctx, desk); err != nil {
				return operation.Answer{}, err
			}
			return m.answer(c)
		},
	}
}

// merging is one call of $merge.
type merging struct {
	record
	now     func() time.Time
	given   []fhir.Value  // the identifiers by which the patients were named
	wanted  fhir.Resource // what the target is to be, if the caller says so
	preview bool

	tenant   int32
	subject  string
	records  []store.Naming // of other modules
	moved    []moved
	followed []followed
	result   *store.Result // the target
	body     fhir.Resource // what the target is after it
}

func read(ctx context.Context, desk *store.Desk, c operation.Call) (*merging, error) {
	m := &merging{wanted: c.In.Resource("result-patient"), preview: c.In.True("preview"), tenant: desk.Tenant(), subject: desk.Subject()}
	var err error
	var source, target []fhir.Value
	if m.source, source, err = locate(ctx, desk, c, "source"); err != nil {
		return nil, err
	}
	if m.target, target, err = locate(ctx, desk, c, "target"); err != nil {
		return nil, err
	}
	if m.source == m.target {
		return nil, misused("value", "source and target are the same patient; nobody is merged into themselves")
	}
	m.given = append(source, target...)
	return m, m.checkWanted()
}

// checkWanted holds result-patient to what the specification asks of it.
func (m *merging) checkWanted() error {
	if !m.wanted.Exists() {
		return nil
	}
	if m.wanted.ID() != m.target {
		return misused("value", "result-patient must have the id of the target patient")
	}
	if !hasLink(m.wanted, m.source, "replaces") {
		return misused("required", "result-patient must have a link of the type replaces to the source patient")
	}
	for _, i := range m.given {
		if !hasIdentifier(m.wanted, i) {
			return misused("required", "result-patient must bear the identifiers by which the patients were named")
		}
	}
	return nil
}

func (m *merging) run(ctx context.Context, desk *store.Desk) error {
	return desk.Write(ctx, func(c *store.Change) error {
		c.Alone(m.plan)
		if m.preview {
			c.Rehearse()
		}
		return nil
	})
}

// plan is the whole change, made while nobody else writes.
func (m *merging) plan(a *store.Alone) error {
	source, err := m.open(a, m.source, "source-patient")
	if err != nil {
		return err
	}
	target, err := m.open(a, m.target, "target-patient")
	if err != nil {
		return err
	}
	if err := m.move(a); err != nil {
		return err
	}
	if err := m.follow(a); err != nil {
		return err
	}
	m.sourceVersion, m.targetVersion = source.number, target.number
	if err := m.writeSource(a, source.Resource); err != nil {
		return err
	}
	if err := m.writeTarget(a, source, target); err != nil {
		return err
	}
	return m.put(a)
}

func (m *merging) writeSource(a *store.Alone, source fhir.Resource) error {
	r, err := retired(source, m.target)
	if err != nil {
		return err
	}
	if _, err := a.Update(r); err != nil {
		return err
	}
	return a.Supersede("Patient", m.source, m.target)
}

// put puts the merge on record: for all who may read it, and for undoing it.
func (m *merging) put(a *store.Alone) error {
	at := m.now()
	p, err := provenance("merge", "Merge Record Lifecycle Event", at, m.subject, m.record.versions(1))
	if err != nil {
		return err
	}
	if _, err := a.Create(p); err != nil {
		return err
	}
	return a.Do(func(ctx context.Context, tx db.Tx) error {
		if err := m.keep(ctx, tx, m.tenant, at, m.moved); err != nil {
			return err
		}
		return m.keepRecords(ctx, tx, m.tenant, m.followed)
	})
}

// versions are references to the versions that are made of both patients, so many behind those of the record.
func (r record) versions(on int64) []string {
	return []string{
		"Patient/" + r.target + "/_history/" + strconv.FormatInt(r.targetVersion+on, 10),
		"Patient/" + r.source + "/_history/" + strconv.FormatInt(r.sourceVersion+on, 10),
	}
}

// patient is a version of a patient, parsed.
type patient struct {
	fhir.Resource
	number int64
}

func parsed(v store.Version, err error) (patient, error) {
	if err != nil {
		return patient{}, err
	}
	r, err := v.Resource()
	return patient{r, v.Number}, err
}

// open reads a patient that is to be merged. Faults: Unprocessable for one that was merged already, naming the survivor.
func (m *merging) open(a *store.Alone, id, param string) (patient, error) {
	by, err := a.Successor("Patient", id)
	if err != nil {
		return patient{}, err
	}
	p, err := parsed(a.Read("Patient", id))
	if err != nil {
		return p, absent(err, param)
	}
	if by == "" && !hasLink(p.Resource, m.target, "replaced-by") {
		by = fhir.ParseRef(survivor(p.Resource)).ID
	}
	if by != "" {
		return p, unfit("business-rule", param+": Patient/"+id+" was merged into Patient/"+by+" already")
	}
	return p, nil
}

// move makes all that refers to the source refer to the target. What happened to somebody's record stays what it was in
// AuditEvent; the target is written by itself.
func (m *merging) move(a *store.Alone) error {
	list, err := a.Referring("Patient", m.source, "AuditEvent", maxMoved+2)
	if err != nil {
		return err
	}
	m.moved = m.moved[:0]
	for _, v := range list {
		if v.Type == "Patient" && v.ID == m.target {
			continue
		}
		if len(m.moved) == maxMoved {
			return tooMany()
		}
		if err := m.redirect(a, v); err != nil {
			return err
		}
	}
	return nil
}

func (m *merging) redirect(a *store.Alone, v store.Version) error {
	r, err := v.Resource()
	if err != nil {
		return err
	}
	places := a.Places(r, "Patient", m.source)
	if len(places) == 0 {
		return nil
	}
	if _, err := a.Redirect(r, places, func(p store.Place) string { return "Patient/" + m.target + p.Tail }); err != nil {
		return err
	}
	m.moved = append(m.moved, moved{v.Type, v.ID, v.Number})
	return succeed(a, v, m.source, m.target)
}

// succeed lets a patient that was merged into one be one merged into another.
func succeed(a *store.Alone, v store.Version, from, to string) error {
	if v.Type != "Patient" {
		return nil
	}
	by, err := a.Successor("Patient", v.ID)
	if err != nil || by != from {
		return err
	}
	return a.Supersede("Patient", v.ID, to)
}

func (m *merging) writeTarget(a *store.Alone, source, target patient) (err error) {
	m.body = m.wanted
	if !m.body.Exists() {
		if m.body, err = survived(target.Resource, source.Resource); err != nil {
			return err
		}
	} else if version := m.wanted.Get("meta").Get("versionId").Str(); version != "" && version != strconv.FormatInt(target.number, 10) {
		return fault.New(fault.Stale, "result-patient was made of another version of the target patient than the one that is there now; read it again")
	}
	if m.body, err = m.itself(a, m.body); err != nil {
		return err
	}
	m.result, err = a.Update(m.body)
	return err
}

// itself is the target that refers to itself where it referred to the source, but for the link that says whom it replaces.
func (m *merging) itself(a *store.Alone, target fhir.Resource) (fhir.Resource, error) {
	places := slices.DeleteFunc(a.Places(target, "Patient", m.source), isLink)
	return store.Redirected(target, places, func(p store.Place) string { return "Patient/" + m.target + p.Tail })
}

// isLink reports whether a place is that of a link to another patient.
func isLink(p store.Place) bool {
	return strings.HasPrefix(p.Path, "Patient.link[") && strings.HasSuffix(p.Path, "].other.reference")
}
