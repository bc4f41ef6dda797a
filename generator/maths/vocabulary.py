"""The words of formulas in English and Korean: symbols, and what is said around their parts."""

from dataclasses import dataclass

GREEK = {
    "α": ("alpha", "알파"), "β": ("beta", "베타"), "γ": ("gamma", "감마"), "δ": ("delta", "델타"),
    "ϵ": ("epsilon", "엡실론"), "ε": ("epsilon", "엡실론"), "ζ": ("zeta", "제타"),
    "η": ("eta", "에타"), "θ": ("theta", "세타"), "ϑ": ("theta", "세타"), "ι": ("iota", "요타"),
    "κ": ("kappa", "카파"), "λ": ("lambda", "람다"), "μ": ("mu", "뮤"), "ν": ("nu", "뉴"),
    "ξ": ("xi", "크시"), "ο": ("omicron", "오미크론"), "π": ("pi", "파이"), "ρ": ("rho", "로"),
    "ϱ": ("rho", "로"), "σ": ("sigma", "시그마"), "ς": ("sigma", "시그마"), "τ": ("tau", "타우"),
    "υ": ("upsilon", "입실론"), "ϕ": ("phi", "피"), "φ": ("phi", "피"), "χ": ("chi", "카이"),
    "ψ": ("psi", "프시"), "ω": ("omega", "오메가"),
    "Γ": ("capital gamma", "대문자 감마"), "Δ": ("capital delta", "대문자 델타"),
    "Θ": ("capital theta", "대문자 세타"), "Λ": ("capital lambda", "대문자 람다"),
    "Ξ": ("capital xi", "대문자 크시"), "Π": ("capital pi", "대문자 파이"),
    "Σ": ("capital sigma", "대문자 시그마"), "Υ": ("capital upsilon", "대문자 입실론"),
    "Φ": ("capital phi", "대문자 피"), "Ψ": ("capital psi", "대문자 프시"),
    "Ω": ("capital omega", "대문자 오메가"),
}  # fmt: skip

# "" is said by silence. What is in no table is said by its Unicode name.
SYMBOLS = {
    "=": ("equals", "는"), "≠": ("is not equal to", "같지 않다"),
    "≔": ("is defined as", "정의하면"),
    "≡": ("is identical to", "항등"), "≈": ("is approximately", "근사적으로 같다"),
    "≃": ("is asymptotically equal to", "점근적으로 같다"), "≅": ("is isomorphic to", "동형"),
    "∼": ("is distributed as", "분포를 따른다"), "∝": ("is proportional to", "비례한다"),
    "<": ("is less than", "작다"), ">": ("is greater than", "크다"),
    "≤": ("is at most", "작거나 같다"), "≥": ("is at least", "크거나 같다"),
    "⩽": ("is at most", "작거나 같다"), "⩾": ("is at least", "크거나 같다"),
    "≪": ("is much less than", "훨씬 작다"), "≫": ("is much greater than", "훨씬 크다"),
    "≺": ("precedes", "앞선다"), "≻": ("succeeds", "뒤따른다"),
    "⪰": ("succeeds or equals", "뒤따르거나 같다"),
    "⪯": ("precedes or equals", "앞서거나 같다"),
    "+": ("plus", "더하기"), "−": ("minus", "빼기"), "±": ("plus or minus", "플러스 마이너스"),
    "∓": ("minus or plus", "마이너스 플러스"), "×": ("times", "곱하기"), "⋅": ("times", "곱하기"),
    "·": ("times", "곱하기"), "÷": ("divided by", "나누기"), "/": ("over", "나누기"),
    "∕": ("over", "나누기"), "∗": ("star", "별표"), "⋆": ("star", "별표"), "*": ("star", "별표"),
    "∘": ("composed with", "합성"), "⊙": ("elementwise times", "원소별 곱"),
    "⊗": ("tensor", "텐서곱"), "⊕": ("direct sum", "직합"), "∖": ("without", "빼고"),
    "∈": ("in", "원소"), "∉": ("not in", "원소 아님"), "∋": ("contains", "포함"),
    "⊂": ("is a subset of", "부분집합"), "⊆": ("is a subset of or equals", "부분집합 또는 같음"),
    "⊃": ("is a superset of", "상위집합"),
    "⊇": ("is a superset of or equals", "상위집합 또는 같음"),
    "∪": ("union", "합집합"), "∩": ("intersection", "교집합"), "∅": ("the empty set", "공집합"),
    "∀": ("for all", "모든"), "∃": ("there exists", "존재"), "¬": ("not", "부정"),
    "∧": ("and", "그리고"), "∨": ("or", "또는"), "∣": ("given", "조건"), "∥": ("parallel", "평행"),
    "→": ("to", "화살표"), "⟶": ("to", "화살표"), "←": ("gets", "왼쪽 화살표"),
    "↦": ("maps to", "대응"), "⟼": ("maps to", "대응"), "⇒": ("implies", "이면"),
    "⟹": ("implies", "이면"), "⇔": ("if and only if", "필요충분"),
    "⟺": ("if and only if", "필요충분"),
    "↔": ("both ways", "양방향"), "∇": ("nabla", "나블라"), "∂": ("partial", "편미분"),
    "∞": ("infinity", "무한대"), "ℓ": ("ell", "엘"), "ℏ": ("h bar", "에이치 바"),
    "…": ("and so on", "등등"), "⋯": ("and so on", "등등"), "⋮": ("and so on", "등등"),
    "⋱": ("and so on", "등등"), "⊤": ("top", "탑"), "⊥": ("perpendicular to", "수직"),
    "′": ("prime", "프라임"), "″": ("double prime", "더블 프라임"), "†": ("dagger", "대거"),
    "!": ("factorial", "팩토리얼"), "%": ("percent", "퍼센트"), "°": ("degrees", "도"),
    ":": ("colon", "콜론"), ",": (",", ","), ";": (";", ";"), ".": (".", "."), "?": ("?", "?"),
    "(": ("open paren", "괄호 열고"), ")": ("close paren", "괄호 닫고"),
    "[": ("open bracket", "대괄호 열고"), "]": ("close bracket", "대괄호 닫고"),
    "{": ("open brace", "중괄호 열고"), "}": ("close brace", "중괄호 닫고"),
    "⟨": ("open angle bracket", "꺾쇠 열고"), "⟩": ("close angle bracket", "꺾쇠 닫고"),
    "⌊": ("floor of", "바닥 열고"), "⌋": ("end floor", "바닥 닫고"),
    "⌈": ("ceiling of", "천장 열고"), "⌉": ("end ceiling", "천장 닫고"),
    "|": ("vertical bar", "세로줄"), "‖": ("double bar", "두 줄"),
    "\u2061": ("of", ""), "\u2062": ("", ""), "\u2063": ("", ""), "\u2064": ("", ""),
}  # fmt: skip

BIG = {
    "∑": ("the sum", "합"), "∏": ("the product", "곱"), "∐": ("the coproduct", "쌍대곱"),
    "∫": ("the integral", "적분"), "∬": ("the double integral", "이중적분"),
    "∭": ("the triple integral", "삼중적분"), "∮": ("the contour integral", "경로적분"),
    "⋃": ("the union", "합집합"), "⋂": ("the intersection", "교집합"),
    "⨁": ("the direct sum", "직합"), "⨂": ("the tensor product", "텐서곱"),
    "⨀": ("the elementwise product", "원소별 곱"), "⋁": ("the disjunction", "논리합"),
    "⋀": ("the conjunction", "논리곱"),
    "lim": ("the limit", "극한"), "max": ("the maximum", "최댓값"),
    "min": ("the minimum", "최솟값"),
    "sup": ("the supremum", "상한"), "inf": ("the infimum", "하한"),
    "arg max": ("the arg max", "아그맥스"), "argmax": ("the arg max", "아그맥스"),
    "arg min": ("the arg min", "아그민"), "argmin": ("the arg min", "아그민"),
}  # fmt: skip

FUNCTIONS = {
    "log": ("log", "로그"), "ln": ("natural log", "자연로그"), "exp": ("exp", "익스포넨셜"),
    "sin": ("sine", "사인"), "cos": ("cosine", "코사인"), "tan": ("tangent", "탄젠트"),
    "tanh": ("hyperbolic tangent", "쌍곡탄젠트"), "det": ("determinant", "행렬식"),
    "dim": ("dimension", "차원"), "Pr": ("probability", "확률"),
}  # fmt: skip

ACCENTS = {
    "^": ("hat", "햇"), "ˆ": ("hat", "햇"), "\u0302": ("hat", "햇"),
    "~": ("tilde", "틸데"), "˜": ("tilde", "틸데"), "\u0303": ("tilde", "틸데"),
    "‾": ("bar", "바"), "¯": ("bar", "바"), "ˉ": ("bar", "바"), "―": ("bar", "바"),
    "_": ("underlined", "밑줄"), "→": ("vector", "벡터"), "\u20d7": ("vector", "벡터"),
    "˙": ("dot", "닷"), "\u0307": ("dot", "닷"), "¨": ("double dot", "더블 닷"),
    "\u0308": ("double dot", "더블 닷"), "ˇ": ("check", "체크"), "˘": ("breve", "브레브"),
    "˚": ("ring", "링"), "⏞": ("overbraced", "윗괄호"), "⏟": ("underbraced", "아랫괄호"),
    "⎴": ("overbracketed", "윗괄호"), "⎵": ("underbracketed", "아랫괄호"),
}  # fmt: skip

VARIANTS = {
    "bold": ("bold", "볼드"), "bold-italic": ("bold", "볼드"),
    "-tex-bold-calligraphic": ("bold script", "볼드 필기체"),
    "double-struck": ("blackboard", "칠판체"), "script": ("script", "필기체"),
    "-tex-calligraphic": ("script", "필기체"), "bold-script": ("bold script", "볼드 필기체"),
    "fraktur": ("fraktur", "프락투어"), "bold-fraktur": ("bold fraktur", "볼드 프락투어"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """One language: which of each pair it takes, and its sentences around {0}, {1}, …"""

    index: int
    fraction: str
    long_fraction: str
    choose: str
    root: str
    long_root: str
    nth_root: str
    squared: str
    cubed: str
    transposed: str
    inverse: str
    marked: str
    long_marked: str
    superscript: str
    power: str
    long_power: str
    below: str
    long_below: str
    from_to: str
    over: str
    approaching: str
    bare: str
    of: str
    label: str
    marked_over: str
    crossed: str
    boxed: str
    absolute: str
    norm: str
    matrix: str
    row: str
    cases: str
    case: str
    lines: str
    line: str
    tag: str
    negative: str


ENGLISH = Wording(
    index=0,
    fraction="{0} over {1}",
    long_fraction="the fraction {0}, over {1}, end fraction",
    choose="{0} choose {1}",
    root="square root of {0}",
    long_root="the square root of {0}, end root",
    nth_root="the root of order {1} of {0}, end root",
    squared="{0} squared",
    cubed="{0} cubed",
    transposed="{0} transpose",
    inverse="{0} inverse",
    marked="{0} {1}",
    long_marked="{1} over {0}, end {1},",
    superscript="{0} superscript {1}, end superscript,",
    power="{0} to the {1}",
    long_power="{0} to the power {1}, end power",
    below="{0} sub {1}",
    long_below="{0} sub {1}, end sub",
    from_to="{0} from {1} to {2} of",
    over="{0} over {1} of",
    approaching="{0} as {1} of",
    bare="{0} of",
    of="{0} {1}",
    label="{0}, labelled {1},",
    marked_over="{0} with {1} above",
    crossed="{0}, crossed out,",
    boxed="{0}, in a box,",
    absolute="the absolute value of {0}, end absolute value",
    norm="the norm of {0}, end norm",
    matrix="the {0} by {1} matrix: {2}; end matrix",
    row="row {0}: {1}",
    cases="cases: {0}; end cases",
    case="{0}",
    lines="{0} lines: {1}",
    line="line {0}: {1}",
    tag="{0}, tagged {1}",
    negative="negative",
)

KOREAN = Wording(
    index=1,
    fraction="{1} 분의 {0}",
    long_fraction="분수 시작, {1} 분의 {0}, 분수 끝",
    choose="{0} 개 중 {1} 개를 고르는 조합",
    root="루트 {0}",
    long_root="루트 시작, {0}, 루트 끝",
    nth_root="{1} 제곱근 시작, {0}, 제곱근 끝",
    squared="{0} 제곱",
    cubed="{0} 세제곱",
    transposed="{0} 전치",
    inverse="{0} 역",
    marked="{0} {1}",
    long_marked="{1} 시작, {0}, {1} 끝,",
    superscript="{0} 위첨자 {1}, 첨자 끝,",
    power="{0} 의 {1} 제곱",
    long_power="{0} 의 지수 {1}, 지수 끝",
    below="{0} 아래첨자 {1}",
    long_below="{0} 아래첨자 {1}, 첨자 끝",
    from_to="{1} 부터 {2} 까지의 {0},",
    over="{1} 에 대한 {0},",
    approaching="{1} 일 때 {0},",
    bare="{0},",
    of="{0} {1}",
    label="{0}, 설명 {1},",
    marked_over="{0} 위에 {1}",
    crossed="{0}, 지움,",
    boxed="{0}, 상자,",
    absolute="절댓값 {0}, 절댓값 끝",
    norm="노름 {0}, 노름 끝",
    matrix="{0} 행 {1} 열 행렬: {2}; 행렬 끝",
    row="{0} 행: {1}",
    cases="경우: {0}; 경우 끝",
    case="{0}",
    lines="{0} 줄: {1}",
    line="{0} 줄: {1}",
    tag="{0}, 번호 {1}",
    negative="마이너스",
)

WORDINGS = {"en": ENGLISH, "ko": KOREAN}
