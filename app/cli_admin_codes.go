package app

import (
	"context"
	"os"

	"github.com/ficushealth/ficus/engine/terms"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

type adminCodes struct {
	site
	File    string `arg:"" help:"Lines of a code and a name, or the order file of ICD-10-CM; may be zipped." type:"existingfile"`
	URL     string `name:"url" help:"Canonical url of the code system, such as http://hl7.org/fhir/sid/icd-10-cm." required:"" placeholder:"URL"`
	ID      string `name:"id" help:"Logical id under which it is stored." required:""`
	Name    string `help:"Name of the code system, in letters and digits." required:""`
	Release string `help:"Version of the code system." placeholder:"VERSION"`
	Entry   string `help:"File inside a zip; empty: the largest .txt in it." placeholder:"NAME"`
}

// Run stores the code system, or a new version of it.
func (c *adminCodes) Run(ctx context.Context, s *Streams) error {
	r, err := c.read()
	if err != nil {
		return err
	}
	return administer(ctx, c.site, func(a *Tenancy) error {
		raw, err := fhir.Stamp(r, c.ID, "1", a.Now())
		if err != nil {
			return err
		}
		if r, err = fhir.Parse(raw, fhir.Limits{Bytes: len(raw), Values: len(raw)}); err != nil {
			return err
		}
		if _, err := a.Store.As(a.operator()).Update(ctx, r); err != nil {
			return err
		}
		sayf(s.Out, "CodeSystem/%s stored", c.ID)
		return nil
	})
}

func (c *adminCodes) read() (r fhir.Resource, err error) {
	f, err := os.Open(c.File)
	if err != nil {
		return r, fault.New(fault.Invalid, "the list cannot be opened: %v", err)
	}
	defer f.Close() //nolint:errcheck // it is only read
	info, err := f.Stat()
	if err != nil {
		return r, err
	}
	return terms.ReadCodeList(f, info.Size(), terms.CodeList{URL: c.URL, Version: c.Release, Name: c.Name, Entry: c.Entry})
}
