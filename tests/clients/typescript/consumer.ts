// A program in TypeScript as somebody would write it against the API: it compiles, strictly, or the description is not usable.
// `node` runs it against the server whose address is its argument.

// Node's, as far as it is used here.
declare const process: { argv: string[] };

import createClient from "openapi-fetch";

import type { components, paths } from "../generated/api";

type Block = components["schemas"]["Block"];
type ArticleDocument = components["schemas"]["ArticleDocument"];

/** Plain words of a block: every type has to be known here, or this does not compile. */
function words(block: Block): string {
    switch (block.type) {
        case "heading":
            return block.value.text;
        case "paragraph":
            return block.value;
        case "image":
            return block.value.image?.alt ?? "";
        case "quote":
            return `${block.value.text} (${block.value.attribution})`;
        case "callout":
            return `${block.value.kind}: ${block.value.title}`;
        case "steps":
            return block.value.items.map((step) => step.title).join(", ");
        case "list":
        case "key_facts":
            return block.value.items.join(", ");
        case "table":
            return block.value.columns.join(", ");
        case "faq":
            return block.value.items.map((item) => item.question).join(", ");
        case "statistic":
            return `${block.value.figure} ${block.value.label}`;
        case "embed":
            return block.value.title;
        case "document":
            return block.value?.title ?? "";
        case "call_to_action":
            return block.value.label;
        default: {
            const unknown: never = block;
            return unknown;
        }
    }
}

function head(document: Pick<ArticleDocument, "seo">): string[] {
    return document.seo.json_ld.map((object) => {
        switch (object["@type"]) {
            case "BreadcrumbList":
                return object.itemListElement.map((crumb) => crumb.name).join(" > ");
            case "FAQPage":
                return object.mainEntity.map((question) => question.acceptedAnswer.text).join(" ");
            default:
                return object.name;
        }
    });
}

function expect(holds: boolean, what: string): asserts holds {
    if (!holds) throw new Error(what);
}

const baseUrl = process.argv[2];
expect(baseUrl !== undefined, "the address of the server is missing");
const client = createClient<paths>({ baseUrl });

const list = await client.GET("/api/v1/articles", { params: { query: { limit: 2, order: "-published_at" } } });
expect(list.data !== undefined, "the list has no articles");
const first = list.data.items[0];
expect(first !== undefined && list.data.count >= list.data.items.length, "the list is empty");

const found = await client.GET("/api/v1/articles/{slug}", { params: { path: { slug: first.slug } } });
expect(found.data !== undefined, "the article is missing");
// A string comes only with body_format: the compiler cannot know what the query asked for.
expect(Array.isArray(found.data.body), "the body is one string");
expect(found.data.body.map(words).join("").length > 0, "the article has no words");
expect(head(found.data)[0] === found.data.title, "the article is not what its schema.org object says");

const missing = await client.GET("/api/v1/articles/{slug}", { params: { path: { slug: "no-such-article" } } });
expect(missing.response.status === 404 && missing.error?.status === 404, "what is missing is not reported as a problem");

// @ts-expect-error a parameter that the API does not have is found by the compiler
void ((): unknown => client.GET("/api/v1/articles", { params: { query: { limitt: 1 } } }));

console.log(`TypeScript: ${list.data.count} articles, “${found.data.title}”, ${missing.error.title}`);
