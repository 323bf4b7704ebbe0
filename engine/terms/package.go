package terms

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/pack"
	"github.com/ficushealth/ficus/fhir/search"
)

// packageSystem is the system of the tag by which a definition tells the package that it came with, and of the record that
// is kept of a package.
const packageSystem = "https://ficus.health/package"

// guideSystem is the system of the canonical url of the implementation guide of which a package has the definitions. The guide
// itself is not stored: it refers to the pages and examples of the package.
const guideSystem = packageSystem + "/guide"

// packaged are the types of resource that are taken from a package.
var packaged = []string{"CodeSystem", "ConceptMap", "NamingSystem", "OperationDefinition", "SearchParameter", "StructureDefinition", "ValueSet"}

// Package is a package whose definitions are stored.
type Package struct {
	Name, Version string
	Guide         string // canonical url of its implementation guide, with the version
	Complete      bool   // false: adding it was broken off, and goes on when it is added again
}

// Added is what came of adding a package.
type Added struct {
	pack.Info
	Stored, There int      // written now, and there before
	Refused       []string // type and id of what breaks a rule of FHIR, with the first reason
}

// AddPackage stores the definitions of a package for the caller's tenant, under ids of its own, so that versions of a package
// do not get into each other's way. Broken off, it goes on where it was when it is called again; told is called now and
// then with how many of all are done. Faults: those of pack.Read; Unprocessable for a package that is not for R4; those of
// the desk.
func (s *Service) AddPackage(ctx context.Context, desk *store.Desk, file io.ReadSeeker, told func(done, all int)) (Added, error) {
	all := 0
	info, err := pack.Read(file, pack.Limits{}, func(f pack.File) error {
		if takes(f) {
			all++
		}
		return ctx.Err()
	})
	if err != nil {
		return Added{}, err
	}
	if !info.ForR4() {
		return Added{}, fault.New(fault.Unprocessable, "the package %s is for FHIR %s, not for R4", info.Name, strings.Join(info.FHIR, ", "))
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return Added{}, err
	}
	a := &adding{s: s, ctx: ctx, desk: desk, out: Added{Info: info}, told: func(done int) { told(done, all) }}
	return a.out, a.run(file)
}

func takes(f pack.File) bool { return !f.Example && slices.Contains(packaged, f.Resource.Type()) }

type adding struct {
	s     *Service
	ctx   context.Context
	desk  *store.Desk
	out   Added
	told  func(int)
	done  int
	batch []fhir.Resource
	guide string // canonical url of the implementation guide that it is
}

func (a *adding) run(file io.Reader) error {
	if err := a.record(false); err != nil {
		return err
	}
	_, err := pack.Read(file, pack.Limits{}, func(f pack.File) error {
		if r := f.Resource; r.Type() == "ImplementationGuide" && !f.Example {
			a.guide = versioned(r.Get("url").Str(), r.Get("version").Str())
		}
		if !takes(f) {
			return nil
		}
		return a.take(f)
	})
	if err != nil {
		return err
	}
	if err := a.flush(); err != nil {
		return err
	}
	return a.record(true)
}

// perCommit is how many definitions are written at once.
const perCommit = 50

func (a *adding) take(f pack.File) error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	r, err := a.ours(f.Resource)
	if err != nil {
		return err
	}
	number, err := a.s.store.Standing(a.ctx, a.desk.Tenant(), store.Key{Type: r.Type(), ID: r.ID()})
	switch {
	case err != nil:
		return err
	case number > 0:
		a.out.There++
		a.count(1)
		return nil
	}
	if err := a.desk.Check(r); err != nil {
		a.refuse(f.Resource, err)
		return nil
	}
	if a.batch = append(a.batch, r); len(a.batch) == perCommit {
		return a.flush()
	}
	return nil
}

func (a *adding) count(n int) {
	a.done += n
	a.told(a.done)
}

func (a *adding) refuse(r fhir.Resource, err error) {
	why := "it breaks a rule of FHIR"
	if f := fault.Find(err); f != nil {
		why = f.Text
		if len(f.Issues) > 0 {
			why = strings.TrimSpace(f.Issues[0].Expression + " " + f.Issues[0].Text)
		}
	}
	a.out.Refused = append(a.out.Refused, r.Type()+"/"+search.Printable(r.ID())+": "+why)
	a.count(1)
}

func (a *adding) flush() error {
	batch := a.batch
	a.batch = nil
	err := a.write(batch)
	if !refusal(err) {
		return err
	}
	for _, r := range batch { // one by one, so that the others are stored
		if err := a.write([]fhir.Resource{r}); refusal(err) {
			a.refuse(r, err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// refusal reports whether a definition is not taken, because of what it says or because of another one that is there.
func refusal(err error) bool {
	return fault.Is(err, fault.Unprocessable) || fault.Is(err, fault.Conflict)
}

func (a *adding) write(batch []fhir.Resource) error {
	if len(batch) == 0 {
		return nil
	}
	err := a.desk.Write(a.ctx, func(c *store.Change) error {
		for _, r := range batch {
			c.Update(r)
		}
		return nil
	})
	if err == nil {
		a.out.Stored += len(batch)
		a.count(len(batch))
	}
	return err
}

// ours is a resource of the package under our id, with the tag of the package.
func (a *adding) ours(r fhir.Resource) (fhir.Resource, error) {
	o := fhir.NewObject().Set("resourceType", r.Type()).Set("id", a.id(r.Type()+"/"+r.ID()+" "+r.Get("url").Str()))
	o.Set("meta", tagged(r.Get("meta"), a.label()))
	for name, v := range r.Members() {
		if name != "resourceType" && name != "id" && name != "meta" {
			o.Set(name, v)
		}
	}
	return fhir.Parse(o.JSON(), fhir.Limits{})
}

// tagged is a meta with one tag more, without what the server writes.
func tagged(meta fhir.Value, label string) *fhir.Obj {
	o := fhir.NewObject()
	tags := &fhir.List{}
	for name, v := range meta.Members() {
		switch name {
		case "versionId", "lastUpdated":
		case "tag":
			for t := range v.Items() {
				tags.Add(t)
			}
		default:
			o.Set(name, v)
		}
	}
	return o.Set("tag", tags.Add(fhir.NewObject().Set("system", packageSystem).Set("code", label)))
}

func (a *adding) label() string { return a.out.Name + "#" + a.out.Version }

// packageIDs is the namespace of the ids.
var packageIDs = uuid.NewSHA1(uuid.NameSpaceURL, []byte(packageSystem))

func (a *adding) id(of string) string {
	return uuid.NewSHA1(packageIDs, []byte(a.label()+" "+of)).String()
}

// record keeps that the package is being added, or is there.
func (a *adding) record(complete bool) error {
	state := "incomplete"
	if complete {
		state = "complete"
	}
	coding := fhir.NewObject().Set("system", packageSystem).Set("code", state)
	names := (&fhir.List{}).Add(fhir.NewObject().Set("system", packageSystem).Set("value", a.label()))
	if a.guide != "" {
		names.Add(fhir.NewObject().Set("system", guideSystem).Set("value", a.guide))
	}
	o := fhir.NewObject().Set("resourceType", "Basic").Set("id", a.id("package")).
		Set("identifier", names).
		Set("code", fhir.NewObject().Set("coding", (&fhir.List{}).Add(coding)))
	r, err := fhir.Parse(o.JSON(), fhir.Limits{})
	if err != nil {
		return err
	}
	_, err = a.desk.Update(a.ctx, r)
	return err
}
