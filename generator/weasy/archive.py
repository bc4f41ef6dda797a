"""What makes a tagged PDF one for archives as well: PDF/A-3a beside PDF/UA-1, files inside.

WeasyPrint writes either variant, not both at once, and its PDF/A relates every file inside to the
whole document, MathML of single formulas included. So we ask it for PDF/UA and add the rest.
Source: ISO 19005-3 (PDF/A-3), ISO 32000-1, 7.11 and 14.11; Association for PDF, TechNote 0008
(the schema that PDF/A must be told of before it lets an XMP say PDF/UA).
"""

import zlib
from collections.abc import Iterable
from typing import Any

import pydyf

from generator.model import Attachment
from generator.weasy.profile import srgb_profile

_CLAIM = """\
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="3" \
pdfaid:conformance="A"/>\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>\
<rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>The part of PDF/UA that this file conforms to\
</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>\
</rdf:Description>"""


def attach(pdf: Any, attachments: Iterable[Attachment]) -> None:
    """Put files into `pdf`, each related to the whole document."""
    found = sorted(attachments, key=lambda attachment: attachment.path)
    if not found:
        return
    names, related = pydyf.Array(), pydyf.Array()
    for attachment in found:
        reference = _file(
            pdf,
            attachment.path,
            attachment.content,
            attachment.media_type,
            attachment.relation,
            f"{attachment.path}: {attachment.description}",
        )
        names.extend((pydyf.String(attachment.path), reference))
        related.append(reference)
    tree = _added(pdf, pydyf.Dictionary({"Names": names}))
    pdf.catalog.setdefault("Names", pydyf.Dictionary())["EmbeddedFiles"] = tree.reference
    pdf.catalog["AF"] = related


def mathml_file(pdf: Any, content: str) -> bytes:
    """The reference of a formula's MathML in `pdf`, for the /AF of its structure element."""
    return _file(pdf, "formula.xml", content.encode(), "application/mathml+xml", "Supplement")


def _file(
    pdf: Any, path: str, content: bytes, media_type: str, relation: str, description: str = ""
) -> bytes:
    """The reference of a new file specification, with its file."""
    extra = {"Type": "/EmbeddedFile", "Subtype": f"/{media_type.replace('/', '#2f')}"}
    packed = zlib.compress(content, 9)
    if len(packed) + len("/Filter /FlateDecode") < len(content):
        content, extra["Filter"] = packed, "/FlateDecode"
    stream = _added(pdf, pydyf.Stream([content], extra))
    # Readers save a file under this name, and few of them make folders.
    name = pydyf.String(path.replace("/", "_"))
    specification = {
        "Type": "/Filespec",
        "F": name,
        "UF": name,
        "EF": pydyf.Dictionary({"F": stream.reference, "UF": stream.reference}),
        "AFRelationship": f"/{relation}",
    }
    if description:
        specification["Desc"] = pydyf.String(description)
    reference: bytes = _added(pdf, pydyf.Dictionary(specification)).reference
    return reference


def make_archivable(pdf: Any) -> None:
    """Make `pdf`, which is PDF/UA-1, one for archives, and say so in it.

    A photograph in the colours of a printing press is left as it is, and the claim left out:
    turning it into sRGB would change what its author saw.
    """
    pictures = [entry for entry in pdf.objects if isinstance(entry, pydyf.Stream)]
    for picture in pictures:
        if "Interpolate" in picture.extra:  # a reader must not invent pixels (PDF/A-3, 6.2.8)
            picture.extra["Interpolate"] = "false"
    if any(picture.extra.get("ColorSpace") == "/DeviceCMYK" for picture in pictures):
        return
    colours = _added(pdf, pydyf.Stream([srgb_profile()], {"N": 3}, compress=True))
    intent = pydyf.Dictionary(
        {
            "Type": "/OutputIntent",
            "S": "/GTS_PDFA1",
            "OutputConditionIdentifier": pydyf.String("sRGB IEC61966-2.1"),
            "Info": pydyf.String("sRGB IEC61966-2.1"),
            "DestOutputProfile": colours.reference,
        }
    )
    pdf.catalog["OutputIntents"] = pydyf.Array([intent])
    number = int(pdf.catalog["Metadata"].split()[0])
    metadata = pdf.objects[number]
    said = b"".join(metadata.stream)
    metadata.stream = [said.replace(b"</rdf:RDF>", _CLAIM.encode() + b"</rdf:RDF>")]
    metadata.compress = False  # archives read it without knowing PDF


def _added(pdf: Any, entry: Any) -> Any:
    pdf.add_object(entry)
    return entry
