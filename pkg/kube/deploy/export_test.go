package deploy

// Decode reads a manifest, and refuses fields that its types do not have.
var Decode = decode
