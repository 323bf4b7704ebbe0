package rest

// read answers GET [type]/[id] (https://hl7.org/fhir/R4/http.html#read). Faults: as store.Desk.Read.
func (c *call) read() error {
	if err := c.shape(); err != nil {
		return err
	}
	v, err := c.desk.Read(c.ctx, c.typ, c.id)
	if err != nil {
		return c.gone(v, err)
	}
	return c.version(v)
}
