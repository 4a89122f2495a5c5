# tessera bootgen, by both names: what it takes, and what it answers to the rest.
echo 'write 0x232000 0x1' >a.txt
ok tessera cdo pack a.txt -o a.bin
echo 'all: { id_code = 0x14ca8093 extended_id_code = 1 image { name=x, id=1 { type=cdo file=a.bin } } }' >a.bif
ok tessera bootgen -arch versal -image a.bif -o a.pdi -w
ok tessera pdi pack a.bif -o b.pdi
same a.pdi b.pdi
ln -s "$TESSERA" bootgen
ok ./bootgen -arch versal -image a.bif -o c.pdi
same a.pdi c.pdi
fails 1 "exists already; use -w on" ./bootgen -arch versal -image a.bif -o c.pdi
fails 1 "exists already; use -w on" ./bootgen -arch versal -image a.bif -o c.pdi -w off
ok ./bootgen -arch versal -w on -o c.pdi -image a.bif -log info
ok ./bootgen -arch versal -read a.pdi
prints "image header table  id_code                        0x18  0x14ca8093"
prints "image 0 (x)"
prints "partition 0 (cdo)"
ok ./bootgen -arch versal -read a.pdi pht
prints_not "image header table"
prints "load_address"
fails 2 "architecture 'zynq' is not made; expected versal" ./bootgen -arch zynq -image a.bif -o d.pdi
fails 2 "option '-encrypt' encrypts; NPU images are not encrypted here" ./bootgen -arch versal -encrypt
fails 2 "option '-split' splits boot images" ./bootgen -arch versal -split bin
fails 2 "unknown option '-frobnicate'" ./bootgen -frobnicate
fails 2 "option '-image' needs a value" ./bootgen -image
fails 2 "option '-o' is required" ./bootgen -arch versal -image a.bif
fails 2 "expected -image FILE.bif or -read FILE.pdi" ./bootgen
fails 2 "expected -arch versal" ./bootgen -image a.bif -o d.pdi
fails 2 "more than one -o" ./bootgen -arch versal -image a.bif -o d.pdi -o e.pdi
absent d.pdi
cp a.bin kept.bin
fails 1 "a.bin: is read here and also the output file" ./bootgen -arch versal -image a.bif -o ./a.bin -w
fails 1 "a.bif: is read here and also the output file" ./bootgen -arch versal -image a.bif -o a.bif -w
same a.bin kept.bin
ok ./bootgen -h
prints "example:"
echo 'all: { image { { type=cdo file=a.bin } } }' >noid.bif
ok ./bootgen -arch versal -image noid.bif -o noid.pdi
grep -q "warning: noid.bif: no id_code; 0x04ca8093 is used" .err || die "no warning"
