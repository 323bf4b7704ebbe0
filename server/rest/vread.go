package rest

// vread answers GET [type]/[id]/_history/[version] (https://hl7.org/fhir/R4/http.html#vread).
func (c *call) vread() error {
	if err := c.shape(); err != nil {
		return err
	}
	v, err := c.desk.VRead(c.ctx, c.typ, c.id, c.r.PathValue("version"))
	if err != nil {
		return c.gone(v, err)
	}
	return c.version(v)
}
