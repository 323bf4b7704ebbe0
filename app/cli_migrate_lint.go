package app

import (
	"context"
)

type migrateLint struct {
	Pack string `help:"Mapping: the name of a ready one (opal), or the folder of your own." required:"" placeholder:"NAME|FOLDER"`
}

// Run reads the pack and tries its golden rows.
func (c *migrateLint) Run(_ context.Context, s *Streams) error {
	l, err := openPack(c.Pack)
	if err != nil {
		return err
	}
	wrong := 0
	for i := range l.golden {
		what, err := l.golden[i].Try(l.pack)
		if err != nil {
			return err
		}
		if what != "" {
			wrong++
			sayf(s.Out, "golden/%s: %s", l.golden[i].Name, what)
		}
	}
	if wrong > 0 {
		return unfit("%d of %d golden rows do not become what they should", wrong, len(l.golden))
	}
	sayf(s.Out, "Pack %s (%s): %d maps over %d tables, %d extensions, %d golden rows; nothing is wrong.", l.name, short(l.pack.Hash()),
		len(l.pack.Maps()), len(l.pack.Covered()), len(l.pack.Extensions()), len(l.golden))
	return nil
}
