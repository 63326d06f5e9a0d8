import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["**/node_modules/", "policy/bin/", "eslint.config.mjs", "start.cjs"] },
    eslint.configs.recommended,
    tseslint.configs.strictTypeChecked,
    tseslint.configs.stylisticTypeChecked,
    {
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            eqeqeq: "error",
            // The compiler checks unused names already, and knows more of them.
            "@typescript-eslint/no-unused-vars": "off",
            // A value that was matched or counted just before is known to be there.
            "@typescript-eslint/no-non-null-assertion": "off",
            // Config, API objects and plain JavaScript callers hold what their types deny.
            "@typescript-eslint/no-unnecessary-condition": "off",
            // An Output in a template would be printed as a warning, everything else is fine.
            "@typescript-eslint/restrict-template-expressions": "off",
            // One `||` for the empty text as well as for nothing is often what is meant.
            "@typescript-eslint/prefer-nullish-coalescing": "off",
        },
    },
    {
        files: ["test/**"],
        // What was registered, or printed as JSON, is read without a type. Mocks are asynchronous by their interface.
        rules: {
            "@typescript-eslint/no-unsafe-assignment": "off",
            "@typescript-eslint/no-unsafe-member-access": "off",
            "@typescript-eslint/no-unsafe-call": "off",
            "@typescript-eslint/no-unsafe-argument": "off",
            "@typescript-eslint/no-unsafe-return": "off",
            "@typescript-eslint/require-await": "off",
        },
    },
);
